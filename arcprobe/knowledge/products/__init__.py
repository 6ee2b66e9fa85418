"""Products that inspect, refuse or answer on the way: a file a product. ``NAME.toml`` holds how it
is recognised and the lines that change it, in the form of ``base.Product``; ``NAME.py`` beside it,
where there is one, writes a whole allow list.

A new product is such a file and its name in ``registry.PRODUCTS``.
"""

from __future__ import annotations

from arcprobe.knowledge.products.base import Found as Found, Paste as Paste, Product as Product
from arcprobe.knowledge.products.lines import suffixes as suffixes
from arcprobe.knowledge.products.marks import (
    interceptor_of as interceptor_of,
    middlebox_of as middlebox_of,
)
from arcprobe.knowledge.products.registry import (
    ALLOW_LISTS as ALLOW_LISTS,
    PRODUCTS as PRODUCTS,
    allow_list as allow_list,
    label as label,
    paste as paste,
    product as product,
)
