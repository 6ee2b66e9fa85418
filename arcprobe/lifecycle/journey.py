"""The life of a connected cluster as steps: what is registered, created, connected, moved to the
gateway and back. Pure.

Commands and flags: learn.microsoft.com/cli/azure/connectedk8s and …/arcgateway (2026-08-20);
cmdlets: learn.microsoft.com/powershell/module/az.connectedkubernetes. ``--add-proxy-bypass`` is one
of connectedk8s 1.11.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import msgspec

from arcprobe.knowledge.bypass_keywords import as_agents_have_it
from arcprobe.lifecycle.steps import (
    Capture,
    Command,
    Export,
    Item,
    Needs,
    Step,
    Variable,
    Word,
    command,
    word,
    words,
)
from arcprobe.model import PUBLIC_CLOUD, Line, Proxy, Settings, line

_PROVIDERS = ("Microsoft.Kubernetes", "Microsoft.KubernetesConfiguration")
_GATEWAY_PROVIDER = "Microsoft.HybridCompute"
_LOCATION_PROVIDER = "Microsoft.ExtendedLocation"
_LATER_FEATURES = ("custom-locations", "azure-rbac")  # of `az connectedk8s enable-features`

NAME, GROUP, GATEWAY = Variable("ARC_NAME"), Variable("ARC_GROUP"), Variable("ARC_GATEWAY_ID")
LOGIN, HTTP_LOGIN = Variable("ARC_PROXY_LOGIN"), Variable("ARC_HTTP_PROXY_LOGIN")


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done. Empty names become variables to set. ``cmdlets``: Az PowerShell in the
    place of az, where it has the command."""

    settings: Settings
    name: str = ""
    group: str = ""
    gateway_id: str = ""
    gateway_name: str = ""
    proxy_cert: str = ""
    kubeconfig: str = ""
    context: str = ""
    api_servers: tuple[str, ...] = ()
    cmdlets: bool = False

    @property
    def has_gateway(self) -> bool:
        """Whether the cluster is to use an Arc gateway."""
        return bool(self.settings.gateway_host or self.gateway_id or self.gateway_name)


def connecting(order: Order, *, existing: bool = False) -> tuple[Step, ...]:
    """The way to a connected cluster; of one that is connected already, the way to the gateway."""
    steps = (
        _variables(order),
        _machine(order),  # first: all that follows goes through the proxy
        _cloud(order),
        _providers(order),
        _extensions(order),
        _gateway(order),
        _update(order) if existing else _connect(order),
        _features(order),
    )
    return tuple(step for step in steps if step is not None)


def leaving_gateway(order: Order) -> tuple[Step, ...]:
    """The way back from the gateway."""
    title = line("lifecycle.leave")
    after = (line("lifecycle.leave-first"),)
    if order.cmdlets:
        back = command("Set-AzConnectedKubernetes", *_names(order), *_at(order), "-DisableGateway")
    else:
        back = command("az", "connectedk8s", "update", *_names(order), "--disable-gateway")
    step = Step(title=title, items=(*_names_needed(order), back), after=after)
    return (step,)


def whole_life(order: Order, *, existing: bool = False) -> tuple[Step, ...]:
    """Every step from the first command to the removal, with what to wait for and look at."""
    steps = (*connecting(order, existing=existing), _verify(order))
    if order.has_gateway:
        back = Step(title=line("lifecycle.verify"), items=(_own_verification(order, back=True),))
        steps += (*_after_the_switch(order), *leaving_gateway(order), back, _removal(order))
    return steps


# -------------------------------------------------------------------------------------------- steps


def _variables(order: Order) -> Step | None:
    needed: list[Item] = list(_names_needed(order))
    needed += [Needs(login.name, line("lifecycle.need.login")) for login in _logins(order)]
    if not needed:
        return None
    return Step(title=line("lifecycle.variables"), items=tuple(needed))


def _names_needed(order: Order) -> Iterator[Needs]:
    if not order.name:
        yield Needs(NAME.name, line("lifecycle.need.name"))
    if not order.group:
        yield Needs(GROUP.name, line("lifecycle.need.group"))


def _cloud(order: Order) -> Step | None:
    cloud = order.settings.cloud
    if cloud == PUBLIC_CLOUD:
        return None
    choose = command("az", "cloud", "set", "--name", cloud)
    if order.cmdlets:
        choose = command("Connect-AzAccount", "-Environment", cloud)
    return Step(title=line("lifecycle.cloud"), items=(choose,))


def _providers(order: Order) -> Step:
    names = [*_PROVIDERS]
    names += [_LOCATION_PROVIDER] if "custom-locations" in order.settings.features else []
    names += [_GATEWAY_PROVIDER] if order.has_gateway else []
    if order.cmdlets:
        items = [
            command("Register-AzResourceProvider", "-ProviderNamespace", name) for name in names
        ]
    else:
        items = [
            command("az", "provider", "register", "--namespace", name, "--wait") for name in names
        ]
    return Step(title=line("lifecycle.providers"), items=tuple(items))


def _extensions(order: Order) -> Step:
    if order.cmdlets:
        modules = ["Az.ConnectedKubernetes", *(["Az.ArcGateway"] if order.has_gateway else [])]
        items = [command("Install-Module", "-Name", name) for name in modules]
        return Step(title=line("lifecycle.modules"), items=tuple(items))
    adding = ("az", "extension", "add", "--upgrade", "--yes", "--name")
    items = [command(*adding, "connectedk8s")]
    if order.has_gateway:
        items.append(command(*adding, "arcgateway", "--allow-preview", "true"))
    return Step(title=line("lifecycle.extensions"), items=tuple(items))


def _gateway(order: Order) -> Step | None:
    """The gateway is created where a name for it was given, else found by its endpoint."""
    if not order.has_gateway or order.gateway_id:
        return None
    if order.gateway_name:
        items = (_creation(order), _own_id(order))
        after = (line("lifecycle.gateway-time"),)
        return Step(title=line("lifecycle.gateway-create"), items=items, after=after)
    query = f"[?gatewayEndpoint=='{order.settings.gateway_host}'].id"
    found = words("az", "arcgateway", "list", "--query", query, "--output", "tsv")
    return Step(title=line("lifecycle.gateway-find"), items=(Capture(GATEWAY.name, found),))


def _creation(order: Order) -> Command:
    where = (order.gateway_name, _group(order), order.settings.region)
    if order.cmdlets:
        flags = ("-Name", "-ResourceGroupName", "-Location")
        named = chain.from_iterable(zip(flags, where, strict=True))
        return command("New-AzArcGateway", *named, "-GatewayType", "Public", "-AllowedFeature", "*")
    flags = ("--name", "--resource-group", "--location")
    named = chain.from_iterable(zip(flags, where, strict=True))
    more = ("--gateway-type", "Public", "--allowed-features", "*")
    return command("az", "arcgateway", "create", *named, *more)


def _own_id(order: Order) -> Capture:
    named = ("--name", order.gateway_name, "--resource-group", _group(order))
    showing = ("az", "arcgateway", "show", *named, "--query", "id", "--output", "tsv")
    return Capture(GATEWAY.name, words(*showing))


def _machine(order: Order) -> Step | None:
    """The environment of the machine that runs the commands."""
    settings = order.settings
    items: list[Item] = []
    for name, proxy, login in _proxies(order):
        items.append(Export(name, _url(proxy, login)))
    if not items:
        return None
    bypass = as_agents_have_it(settings.skip_range or "", settings.proxy_bypass, settings.cloud)
    entries = [entry.strip() for entry in bypass.split(",") if entry.strip()]
    entries += [host for host in map(_host, order.api_servers) if host not in entries]
    if entries:
        items.append(Export("NO_PROXY", (",".join(dict.fromkeys(entries)),)))
    after = () if order.api_servers else (line("lifecycle.api-server"),)
    return Step(title=line("lifecycle.machine"), items=tuple(items), after=after)


def _connect(order: Order) -> Step:
    if order.cmdlets:
        connect = command("New-AzConnectedKubernetes", *_cmdlet_arguments(order))
    else:
        at = ("--location", order.settings.region)
        connect = command("az", "connectedk8s", "connect", *_names(order), *at, *_arguments(order))
    return Step(title=line("lifecycle.connect"), items=(connect,), after=_after_proxies(order))


def _update(order: Order) -> Step:
    title = line("lifecycle.move" if order.has_gateway else "lifecycle.update")
    if order.cmdlets:  # what is not named goes back to its default: the proxies are named again
        update = command("Set-AzConnectedKubernetes", *_cmdlet_arguments(order))
    else:
        update = command("az", "connectedk8s", "update", *_names(order), *_arguments(order))
    return Step(title=title, items=(update,), after=_after_proxies(order))


def _features(order: Order) -> Step | None:
    later = tuple(name for name in _LATER_FEATURES if name in order.settings.features)
    if not later:
        return None
    enable = command(
        "az",
        "connectedk8s",
        "enable-features",
        *_names(msgspec.structs.replace(order, cmdlets=False)),
        "--features",
        "cluster-connect",
        *later,
    )
    return Step(title=line("lifecycle.features"), items=(enable,))


def _verify(order: Order) -> Step:
    named = _names(msgspec.structs.replace(order, cmdlets=False))
    show = ("az", "connectedk8s", "show", *named, "--output", "tsv", "--query")
    items = [
        command(*show, "connectivityStatus"),
        command("kubectl", "get", "deployments,pods", "--namespace", "azure-arc"),
    ]
    after = [line("lifecycle.verify-status")]
    if order.has_gateway:
        items.append(command(*show, "gateway.enabled"))
        after.append(line("lifecycle.verify-gateway"))
    items.append(_own_verification(order))
    after.append(line("lifecycle.verify-own"))
    return Step(title=line("lifecycle.verify"), items=tuple(items), after=tuple(after))


def _own_verification(order: Order, *, back: bool = False) -> Command:
    """`arcprobe verify` with what was tested; a proxy with a password is that of the environment.
    ``back``: after the way back from the gateway."""
    settings = order.settings
    named = [each for each in _proxies(order) if not each[1].has_credentials]
    given = {_AZ[name]: proxy.url for name, proxy, _login in named}
    given |= {"--proxy-skip-range": _list(order)}
    given |= {} if back else {"--gateway-url": settings.gateway_host}
    keywords = chain.from_iterable(("--add-proxy-bypass", each) for each in settings.proxy_bypass)
    without = ("--no-gateway",) if back or not order.has_gateway else ()
    flags = (*_flags({"--region": settings.region, **given}), *keywords, *without)
    return command("arcprobe", "verify", *flags)


def _after_the_switch(order: Order) -> Iterator[Step]:
    yield Step(title=line("lifecycle.hour"), after=(line("lifecycle.hour-why"),))
    chosen = ["--region", order.settings.region]
    for feature in order.settings.features:
        chosen += ["--feature", feature]
    for keyword in order.settings.proxy_bypass:
        chosen += ["--add-proxy-bypass", keyword]
    for name in order.settings.gateway_bypass:
        chosen += ["--gateway-bypass", name]
    closing = command("arcprobe", "endpoints", *chosen, "--removable")
    yield Step(title=line("lifecycle.close"), items=(closing,))
    seen = command("arcprobe", "traffic", *chosen)
    after = (line("lifecycle.traffic-log"),)
    yield Step(title=line("lifecycle.traffic"), items=(seen,), after=after)


def _removal(order: Order) -> Step:
    gateway = _gateway_id(order)
    remove = command("az", "arcgateway", "delete", "--ids", gateway)
    after = (line("lifecycle.gateway-gone"),)
    return Step(title=line("lifecycle.gateway-delete"), items=(remove,), after=after)


# ---------------------------------------------------------------------------------------- arguments


def _names(order: Order) -> tuple[str | Word, ...]:
    if order.cmdlets:
        return ("-ClusterName", _name(order), "-ResourceGroupName", _group(order))
    return ("--name", _name(order), "--resource-group", _group(order))


def _at(order: Order) -> tuple[str, ...]:
    return ("-Location", order.settings.region)


def _name(order: Order) -> str | Word:
    return order.name or word(NAME)


def _group(order: Order) -> str | Word:
    return order.group or word(GROUP)


def _gateway_id(order: Order) -> str | Word:
    return order.gateway_id or word(GATEWAY)


def _arguments(order: Order) -> list[str | Word]:
    """The flags that `az connectedk8s connect` and `update` share."""
    keywords = ",".join(order.settings.proxy_bypass)
    given = {
        **{_AZ[name]: _url(proxy, login) for name, proxy, login in _proxies(order)},
        "--proxy-skip-range": _list(order),
        "--add-proxy-bypass": keywords,
        "--proxy-cert": order.proxy_cert,
        "--gateway-resource-id": _gateway_id(order) if order.has_gateway else "",
        "--kube-config": order.kubeconfig,
        "--kube-context": order.context,
    }
    return _flags(given)


def _cmdlet_arguments(order: Order) -> list[str | Word]:
    settings = order.settings
    bypass = as_agents_have_it(settings.skip_range or "", settings.proxy_bypass, settings.cloud)
    given = {
        **{_CMDLET[name]: _url(proxy, login) for name, proxy, login in _proxies(order)},
        "-NoProxy": bypass,
        "-ProxyCert": order.proxy_cert,
        "-GatewayResourceId": _gateway_id(order) if order.has_gateway else "",
        "-KubeConfig": order.kubeconfig,
        "-KubeContext": order.context,
    }
    return [*_names(order), *_at(order), *_flags(given)]


_AZ = {"HTTPS_PROXY": "--proxy-https", "HTTP_PROXY": "--proxy-http"}
_CMDLET = {"HTTPS_PROXY": "-HttpsProxy", "HTTP_PROXY": "-HttpProxy"}


def _flags(given: dict[str, str | Word]) -> list[str | Word]:
    return list(chain.from_iterable((flag, value) for flag, value in given.items() if value))


def _list(order: Order) -> str:
    entries = (order.settings.skip_range or "").split(",")
    return ",".join(filter(None, map(str.strip, entries)))


def _proxies(order: Order) -> list[tuple[str, Proxy, Variable]]:
    """The proxies, with the variable that holds user and password."""
    settings = order.settings
    found = [("HTTPS_PROXY", settings.proxy_https, LOGIN)]
    is_same = settings.proxy_https is None or _is_same(settings.proxy_https, settings.proxy_http)
    found.append(("HTTP_PROXY", settings.proxy_http, LOGIN if is_same else HTTP_LOGIN))
    return [(name, proxy, login) for name, proxy, login in found if proxy is not None]


def _is_same(one: Proxy, other: Proxy | None) -> bool:
    return other is not None and one.url == other.url


def _logins(order: Order) -> tuple[Variable, ...]:
    logins = (login for _, proxy, login in _proxies(order) if proxy.has_credentials)
    return tuple(dict.fromkeys(logins))


def _url(proxy: Proxy, login: Variable) -> Word:
    if not proxy.has_credentials:
        return word(proxy.url)
    scheme, separator, server = proxy.url.partition("://")
    return word(scheme + separator, login, "@" + server)


def _after_proxies(order: Order) -> tuple[Line, ...]:
    return (line("lifecycle.login-shown"),) if _logins(order) else ()


def _host(api_server: str) -> str:
    """The host of ``host``, ``host:port`` or ``[address]:port``."""
    if api_server.startswith("["):
        return api_server[1:].partition("]")[0]
    host, colon, port = api_server.rpartition(":")
    return host if colon and port.isdigit() and ":" not in host else api_server
