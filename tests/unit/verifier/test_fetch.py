"""Where the verifier may go, and how much it may bring back."""

import ipaddress

import pytest

from verifier.fetch import Documents, FetchRefused, Offline, check_url, is_public_address


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses(address: str) -> None:
    assert is_public_address(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104  it is refused here
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.8.8.8",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "2002:7f00:1::",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_addresses_where_nobody_may_send_us(address: str) -> None:
    assert not is_public_address(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://a.example/", "url_not_https"),
        ("file:///etc/passwd", "url_not_https"),
        ("data:application/json,1", "url_not_https"),
        ("//a.example/", "url_not_https"),
        ("", "url_invalid"),
        ("https://", "url_invalid"),
        ("https://user:pass@a.example/", "url_has_userinfo"),
        ("https://@a.example/", "url_has_userinfo"),
        ("https://a.example:99999/", "url_invalid"),
        ("https://a.example:0/", "url_invalid"),
        ("https://a.example/ b", "url_invalid"),
        ("https://a.example/\r\nHost: b", "url_invalid"),
        ("https://a.example\\@b.example/", "url_invalid"),
        ("https://é.example/", "url_invalid"),
        ("https://[::1", "url_invalid"),
        ("https://[::1#x", "url_invalid"),
        ("https://a.example/" + "a" * 3_000, "url_invalid"),
    ],
)
def test_urls_that_are_not_fetched(url: str, code: str) -> None:
    with pytest.raises(FetchRefused) as caught:
        check_url(url)
    assert caught.value.code == code


def test_the_fragment_stays_at_home() -> None:
    assert check_url("https://a.example/x?y#z") == "https://a.example/x?y"


def test_documents_come_before_the_network_and_are_measured() -> None:
    documents = Documents({"https://a.example/x#frag": b"12345"})
    assert documents.get("https://a.example/x#other", max_bytes=5).body == b"12345"
    with pytest.raises(FetchRefused, match="larger"):
        documents.get("https://a.example/x", max_bytes=4)
    with pytest.raises(FetchRefused) as caught:
        documents.get("https://a.example/y", max_bytes=5)
    assert caught.value.code == "offline"


def test_offline_fetches_nothing() -> None:
    with pytest.raises(FetchRefused):
        Offline().get("https://a.example/", max_bytes=1)
