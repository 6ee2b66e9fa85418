# The image of arcprobe: any base that has Python 3.11 or later, no shell needed at run time, any user id, read-only root.
#
#   docker build --build-arg BASE=python:3.13-slim -t arcprobe:local .
#
# Behind a proxy: --build-arg HTTPS_PROXY=http://proxy:3128 --build-arg NO_PROXY=… (predefined arguments, not kept in the image).
# Behind an inspecting CA or an own package index, hand in the machine's files; they do not become part of the image:
#   buildah bud -v /etc/ssl/certs:/etc/ssl/certs:ro -v /etc/pip.conf:/etc/pip.conf:ro --build-arg BASE=… -t arcprobe:local .
#   docker build --secret id=ca,src=/path/bundle.pem --secret id=pip,src=/etc/pip.conf -t arcprobe:local .
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY .ci/constraints.txt .ci/sbom ./
COPY arcprobe ./arcprobe
# The libraries are those of constraints.txt, file by file.
# Compiled by hash and not by time, with one hash seed: the same sources give the same files, and the read-only root needs no
# compiling at start. pip compiles nothing, else its RECORD has digests of compiled files that no two builds have alike.
# Of the libraries only the compiled files stay, and not at all what arcprobe never imports: cffi's compiler (cryptography
# needs its _cffi_backend alone), yaml's binding to libyaml, the event loops of websockets, what only type checkers read.
RUN --mount=type=secret,id=ca --mount=type=secret,id=pip \
    if [ -s /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca; fi \
 && if [ -s /run/secrets/pip ]; then export PIP_CONFIG_FILE=/run/secrets/pip; fi \
 && export PYTHONHASHSEED=0 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
 && python3 -m venv /opt/arcprobe \
 && /opt/arcprobe/bin/python -m pip install --no-compile --require-hashes -r constraints.txt \
 && /opt/arcprobe/bin/python -m pip install --no-compile --no-deps --no-build-isolation . \
 && /opt/arcprobe/bin/python -m pip uninstall -y pip setuptools wheel \
 && rm -f /opt/arcprobe/bin/activate* /opt/arcprobe/bin/Activate* \
 && mkdir /opt/arcprobe/share \
 && /opt/arcprobe/bin/python sbom > /opt/arcprobe/share/arcprobe.cdx.json \
 && cd /opt/arcprobe/lib/python3*/site-packages \
 && find . -depth -type d -name __pycache__ -exec rm -r {} + \
 && rm -rf pycparser cffi yaml/_yaml*.so websockets/legacy websockets/asyncio websockets/sync websockets/trio \
    websockets/speedups.c _distutils_hack distutils-precedence.pth \
 && find . -name '*.pyi' -delete \
 && python3 -m compileall -q --invalidation-mode unchecked-hash arcprobe \
 && python3 -m compileall -q -b -x '^[.]/arcprobe/' --invalidation-mode unchecked-hash . \
 && find . -name '*.py' ! -path './arcprobe/*' -delete

FROM ${BASE}
ARG BASE
ARG VERSION=0.1.0
ARG REVISION=unknown
# the bill of materials is in the image; it was made from what is installed there
LABEL org.opencontainers.image.title="arcprobe" \
      org.opencontainers.image.description="Tells, before a Kubernetes cluster is connected to Azure Arc, whether the network will let it." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${BASE}" \
      org.opencontainers.image.licenses="MIT" \
      org.cyclonedx.sbom="/opt/arcprobe/share/arcprobe.cdx.json"
COPY --from=build /opt/arcprobe /opt/arcprobe
# PYTHONUTF8: the log is UTF-8 in every locale. The root is read-only: Python must not try to write its compiled files.
ENV PATH=/opt/arcprobe/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1
USER 65532:65532
WORKDIR /
ENTRYPOINT ["arcprobe"]
CMD ["--help"]
