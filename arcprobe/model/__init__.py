"""The nouns of arcprobe, and every word that two stages share. Imports nothing of arcprobe.

All are frozen ``msgspec.Struct``s, so that a report can be written as JSON and read back to equal
values (``report/as_json.py``). Times are seconds as float, counted from the start of the run where
a field is called ``started``.

The words, each with one meaning:

bypass list    the hosts and addresses that go past the proxy (``--proxy-skip-range``, NO_PROXY);
its parts are entries cause          why checks did not pass: one for one broken thing change
what somebody pastes to heal a cause check          one question about one target by one route
experiment     a connection that was made to explain another; the agents' own is
``Experiment.AGENTS`` finding        the verdict on one check handshake      a TLS handshake; an
intercepted one is with somebody on the way issuer         the name that signed a certificate;
issuers of one operator are a family judgement      what one judge says of one check line
a sentence for people, by its key in ``knowledge/texts`` observation    what happened on the wire
for one check owner          who must act reading        an observation in its normal form: the
connection that speaks, and how far it came route          through the proxy, or direct rung
a step of the way to an endpoint, in the order of ``findings/ladder.py`` scene          what all
readings of a run say together tunnel         what a proxy opens after CONNECT or SOCKS upgrade
a WebSocket opening handshake vantage        where the run was made: pod, node or laptop
"""

from __future__ import annotations

from arcprobe.model.asked import Check as Check
from arcprobe.model.asked import Duty as Duty
from arcprobe.model.asked import Kind as Kind
from arcprobe.model.asked import Proxy as Proxy
from arcprobe.model.asked import Route as Route
from arcprobe.model.certificates import Certificate as Certificate
from arcprobe.model.certificates import Store as Store
from arcprobe.model.certificates import Trust as Trust
from arcprobe.model.certificates import VerifyCode as VerifyCode
from arcprobe.model.cluster import Cluster as Cluster
from arcprobe.model.cluster import Range as Range
from arcprobe.model.cluster import Service as Service
from arcprobe.model.codes import Code as Code
from arcprobe.model.config import Config as Config
from arcprobe.model.noun import Noun as Noun
from arcprobe.model.observed import AnyStep as AnyStep
from arcprobe.model.observed import Attempt as Attempt
from arcprobe.model.observed import Experiment as Experiment
from arcprobe.model.observed import Observation as Observation
from arcprobe.model.report import SCHEMA as SCHEMA
from arcprobe.model.report import Report as Report
from arcprobe.model.report import Run as Run
from arcprobe.model.report import Settings as Settings
from arcprobe.model.secret import Secret as Secret
from arcprobe.model.told import Cause as Cause
from arcprobe.model.told import Finding as Finding
from arcprobe.model.told import Judgement as Judgement
from arcprobe.model.told import Layer as Layer
from arcprobe.model.told import Line as Line
from arcprobe.model.told import Owner as Owner
from arcprobe.model.told import Skip as Skip
from arcprobe.model.told import SkipReason as SkipReason
from arcprobe.model.told import Value as Value
from arcprobe.model.told import Verdict as Verdict
from arcprobe.model.told import line as line
from arcprobe.model.wire import Dial as Dial
from arcprobe.model.wire import Discovered as Discovered
from arcprobe.model.wire import Exchange as Exchange
from arcprobe.model.wire import Failure as Failure
from arcprobe.model.wire import FailureKind as FailureKind
from arcprobe.model.wire import Handshake as Handshake
from arcprobe.model.wire import Head as Head
from arcprobe.model.wire import Lookup as Lookup
from arcprobe.model.wire import Role as Role
from arcprobe.model.wire import Step as Step
from arcprobe.model.wire import Surroundings as Surroundings
from arcprobe.model.wire import Tunnel as Tunnel
from arcprobe.model.wire import Upgrade as Upgrade
