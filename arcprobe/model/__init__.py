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

from arcprobe.model.asked import (
    Check as Check,
    Duty as Duty,
    Kind as Kind,
    Proxy as Proxy,
    Route as Route,
)
from arcprobe.model.certificates import (
    Certificate as Certificate,
    GoRefusal as GoRefusal,
    GoSaid as GoSaid,
    Store as Store,
    Trust as Trust,
    VerifyCode as VerifyCode,
)
from arcprobe.model.cluster import (
    Cluster as Cluster,
    ClusterSource as ClusterSource,
    Range as Range,
    Service as Service,
)
from arcprobe.model.codes import Code as Code
from arcprobe.model.config import Config as Config, CustomEndpoint as CustomEndpoint
from arcprobe.model.machine import Machine as Machine, Tool as Tool, TrustFile as TrustFile
from arcprobe.model.noun import Noun as Noun
from arcprobe.model.observed import (
    AnyStep as AnyStep,
    Attempt as Attempt,
    Experiment as Experiment,
    Observation as Observation,
)
from arcprobe.model.report import (
    PUBLIC_CLOUD as PUBLIC_CLOUD,
    SCHEMA as SCHEMA,
    Report as Report,
    Run as Run,
    Settings as Settings,
    Unproven as Unproven,
)
from arcprobe.model.secret import Credentials as Credentials, Secret as Secret
from arcprobe.model.told import (
    Cause as Cause,
    Change as Change,
    Finding as Finding,
    Judgement as Judgement,
    Layer as Layer,
    Line as Line,
    Owner as Owner,
    Skip as Skip,
    SkipReason as SkipReason,
    Value as Value,
    Verdict as Verdict,
    line as line,
)
from arcprobe.model.wire import (
    Dial as Dial,
    Discovered as Discovered,
    Exchange as Exchange,
    Failure as Failure,
    FailureKind as FailureKind,
    Handshake as Handshake,
    Head as Head,
    Lookup as Lookup,
    Role as Role,
    Step as Step,
    Surroundings as Surroundings,
    Tunnel as Tunnel,
    Upgrade as Upgrade,
)
