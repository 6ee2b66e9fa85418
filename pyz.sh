#!/usr/bin/env bash
# Builds arcprobe.pyz: one file that runs on any Linux node with Python 3.11 to 3.14, without an image and without installing.
#
#   pip install shiv && ./pyz.sh [MACHINE] [FILE] [VERSIONS]      MACHINE: x86_64 (default: this one's) or aarch64
#
# Compiled libraries are put in once for each Python version; their files differ in name, so they lie side by side.
# On the node: python3 arcprobe.pyz check … ; it unpacks itself once below ~/.shiv, or below $SHIV_ROOT where home is read-only.
set -euo pipefail
cd "$(dirname "$0")"
machine=${1:-$(uname -m)}
file=${2:-arcprobe.pyz}
versions=${3:-3.11 3.12 3.13 3.14}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip wheel -q --no-deps --wheel-dir "$work/wheel" .
mkdir "$work/all"
for version in $versions; do
    python3 -m pip install -q --target "$work/$version" --only-binary=:all: --implementation cp --python-version "$version" \
        --platform "manylinux2014_$machine" --platform "manylinux_2_28_$machine" "$work"/wheel/*.whl
    cp -R "$work/$version/." "$work/all/"
done
# what arcprobe never imports (see the Dockerfile), and files that only pip reads
rm -rf "$work"/all/{bin,pygments,markdown_it,mdurl,pycparser,cffi}
find "$work/all" -depth -type d -name __pycache__ -exec rm -r {} +
python3 -m shiv --reproducible --compressed --site-packages "$work/all" --entry-point arcprobe.__main__:main \
    --python "/usr/bin/env python3" --output-file "$file"
