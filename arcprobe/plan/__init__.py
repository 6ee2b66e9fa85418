"""Config in, checks out: which questions are asked, by which route. Pure."""

from arcprobe.plan.questions import (
    bypass_list_checks as bypass_list_checks,
    further as further,
    make_plan as make_plan,
)
