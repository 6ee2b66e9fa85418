"""Products that inspect, refuse or answer on the way: a file a product. ``NAME.toml`` holds how it
is recognised and the lines that change it, in the form of ``base.Product``.

A new product is such a file and its name in ``product_names.PRODUCTS``; one that leaves signs in
HTTP answers is in ``registry.ANSWERING`` too, at its place in the order of comparison.
"""

from __future__ import annotations

from arcprobe.knowledge.product_names import PRODUCTS as PRODUCTS
from arcprobe.knowledge.products.allow_list import (
    allow_list as allow_list,
    allow_lists as allow_lists,
)
from arcprobe.knowledge.products.base import Found as Found, Paste as Paste, Product as Product
from arcprobe.knowledge.products.closing import (
    closing_forms as closing_forms,
    closing_list as closing_list,
)
from arcprobe.knowledge.products.lines import Asked as Asked, suffixes as suffixes
from arcprobe.knowledge.products.marks import (
    interceptor_of as interceptor_of,
    middlebox_of as middlebox_of,
)
from arcprobe.knowledge.products.registry import (
    has_lines as has_lines,
    label as label,
    memory_of as memory_of,
    name_of as name_of,
    paste as paste,
    product as product,
    why_not as why_not,
    written as written,
)
