"""The life of a connected cluster as steps."""

from __future__ import annotations

from arcprobe.lifecycle.journey import Order, connecting, leaving_gateway, whole_life
from arcprobe.lifecycle.shells import SHELLS, line_of
from arcprobe.lifecycle.steps import Step
from arcprobe.model import Proxy, Settings
from tests.support.powershell import parsed

PROXY = Proxy(scheme="http", host="proxy.corp", port=3128, has_credentials=True)
OTHER = Proxy(scheme="http", host="other.corp", port=8080, has_credentials=True)
SETTINGS = Settings(
    region="eastus",
    features=("cluster-connect",),
    proxy_https=PROXY,
    proxy_http=PROXY,
    skip_range=" 10.96.0.0/12, .svc",
)
ORDER = Order(
    settings=SETTINGS, name="edge", group="arc", api_servers=("k8s.corp:6443", "[fd00::1]:6443")
)
GATEWAY = Settings(region="eastus", gateway_host="x.gw.arc.azure.com", features=())


def lines(steps: tuple[Step, ...]) -> list[str]:
    """Every line for bash, without comments."""
    return [line_of(item, SHELLS["bash"]) for step in steps for item in step.items]


def test_a_new_cluster_behind_a_proxy() -> None:
    """Environment, providers, extension, connect: in this order, in az's own flags."""
    assert lines(connecting(ORDER)) == [
        ': "${ARC_PROXY_LOGIN:?set it to user:password of the proxy, percent-encoded}"',
        """export HTTPS_PROXY=http://"${ARC_PROXY_LOGIN}"'@proxy.corp:3128'""",
        """export HTTP_PROXY=http://"${ARC_PROXY_LOGIN}"'@proxy.corp:3128'""",
        "export NO_PROXY='10.96.0.0/12,.svc,k8s.corp,fd00::1'",
        "az provider register --namespace Microsoft.Kubernetes --wait",
        "az provider register --namespace Microsoft.KubernetesConfiguration --wait",
        "az extension add --upgrade --yes --name connectedk8s",
        "az connectedk8s connect --name edge --resource-group arc --location eastus "
        """--proxy-https http://"${ARC_PROXY_LOGIN}"'@proxy.corp:3128' """
        """--proxy-http http://"${ARC_PROXY_LOGIN}"'@proxy.corp:3128' """
        "--proxy-skip-range '10.96.0.0/12,.svc'",
    ]


def test_an_existing_cluster_moves_to_the_gateway() -> None:
    """`update` links the gateway, which is found by its endpoint where no ID was given."""
    order = Order(settings=GATEWAY, name="edge", group="arc")
    assert lines(connecting(order, existing=True))[-2:] == [
        'ARC_GATEWAY_ID="$(az arcgateway list --query '
        """'[?gatewayEndpoint=='\\''x.gw.arc.azure.com'\\''].id' --output tsv)\"""",
        "az connectedk8s update --name edge --resource-group arc "
        '--gateway-resource-id "${ARC_GATEWAY_ID}"',
    ]


def test_a_gateway_is_created() -> None:
    """A name for a gateway creates it, and takes its ID; its provider is registered before."""
    order = Order(settings=Settings(region="eastus"), name="e", group="g", gateway_name="gw")
    found = lines(connecting(order))
    assert "az provider register --namespace Microsoft.HybridCompute --wait" in found
    assert found[-3:-1] == [
        "az arcgateway create --name gw --resource-group g --location eastus "
        "--gateway-type Public --allowed-features '*'",
        'ARC_GATEWAY_ID="$(az arcgateway show --name gw --resource-group g --query id '
        '--output tsv)"',
    ]


def test_the_way_back() -> None:
    """Leaving the gateway is one command; what is not named becomes a variable."""
    assert lines(leaving_gateway(Order(settings=GATEWAY))) == [
        ': "${ARC_NAME:?set it to the name of the connected cluster}"',
        ': "${ARC_GROUP:?set it to the name of its resource group}"',
        'az connectedk8s update --name "${ARC_NAME}" --resource-group "${ARC_GROUP}" '
        "--disable-gateway",
    ]


def test_cmdlets_in_the_place_of_az() -> None:
    """Az PowerShell has its own names; the proxies are named again with an update, since what is
    not named goes back to its default, and the keywords of az stand written out."""
    settings = Settings(
        region="eastus",
        proxy_https=Proxy(scheme="http", host="p", port=1),
        skip_range=".svc",
        proxy_bypass=("Arc",),
        features=("custom-locations",),
    )
    order = Order(
        settings=settings, name="e", group="g", gateway_id="/g", cmdlets=True, proxy_cert="ca.pem"
    )
    steps = connecting(order, existing=True)
    found = [line_of(item, SHELLS["powershell"]) for step in steps for item in step.items]
    assert [parsed(text).type for text in found] == ["program"] * len(found)
    assert "Register-AzResourceProvider -ProviderNamespace Microsoft.ExtendedLocation" in found
    assert (
        "Set-AzConnectedKubernetes -ClusterName e -ResourceGroupName g -Location eastus "
        "-HttpsProxy http://p:1 -NoProxy '.svc,.his.arc.azure.com,"
        ".dp.kubernetesconfiguration.azure.com,.guestconfiguration.azure.com' "
        "-ProxyCert ca.pem -GatewayResourceId /g"
    ) in found
    assert found[-1] == (
        "az connectedk8s enable-features --name e --resource-group g "
        "--features cluster-connect custom-locations"
    )
    back = [line_of(item, SHELLS["powershell"]) for item in leaving_gateway(order)[0].items]
    assert back == [
        "Set-AzConnectedKubernetes -ClusterName e -ResourceGroupName g -Location eastus "
        "-DisableGateway"
    ]


def test_two_proxies_have_two_logins() -> None:
    """Proxies at two addresses have two variables; another cloud is chosen first."""
    settings = Settings(
        cloud="AzureUSGovernment", region="usgovvirginia", proxy_https=PROXY, proxy_http=OTHER
    )
    found = lines(connecting(Order(settings=settings, name="e", group="g")))
    assert """export HTTP_PROXY=http://"${ARC_HTTP_PROXY_LOGIN}"'@other.corp:8080'""" in found
    assert "az cloud set --name AzureUSGovernment" in found


def test_the_whole_life_goes_on() -> None:
    """With --steps: verify, an hour, what may be closed, the traffic, back, and the removal, each
    with what to look at."""
    settings = Settings(
        region="eastus",
        gateway_host="x.gw.arc.azure.com",
        features=("cluster-connect",),
        proxy_bypass=("Arc",),
    )
    order = Order(settings=settings, name="e", group="g", gateway_id="/g")
    steps = whole_life(order)
    assert [step.title.key.removeprefix("lifecycle.") for step in steps] == [
        *("providers", "extensions", "connect", "verify", "hour", "close", "traffic"),
        *("leave", "verify", "gateway-delete"),
    ]
    found = lines(steps)
    assert (
        "arcprobe endpoints --region eastus --feature cluster-connect --add-proxy-bypass Arc "
        "--removable"
    ) in found
    assert (
        "arcprobe verify --region eastus --gateway-url x.gw.arc.azure.com --add-proxy-bypass Arc"
    ) in found
    assert (
        "arcprobe traffic --region eastus --feature cluster-connect --add-proxy-bypass Arc" in found
    )
    assert found[-2:] == [
        "arcprobe verify --region eastus --add-proxy-bypass Arc --no-gateway",
        "az arcgateway delete --ids /g",
    ]
    assert not lines(whole_life(ORDER))[-1].startswith("az arcgateway")
