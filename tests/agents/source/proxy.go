package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// proxies: by which proxy each URL goes, and for the first of them what net/http then does with it.
func proxies(asked question) answer {
	config := httpproxy.Config{HTTPSProxy: asked.Https, HTTPProxy: asked.Http, NoProxy: asked.No}
	choose := config.ProxyFunc()
	found := []answer{}
	for _, text := range asked.Urls {
		target, err := url.Parse(text)
		if err != nil {
			found = append(found, answer{"error": err.Error()})
			continue
		}
		proxy, err := choose(target)
		switch {
		case err != nil:
			found = append(found, answer{"error": err.Error()})
		case proxy == nil:
			found = append(found, answer{"proxy": false})
		default:
			found = append(found, answer{"proxy": true})
		}
	}
	said := answer{"found": found}
	if len(asked.Urls) > 0 && asked.No == "" {
		said["use"] = use(choose, asked.Urls[0], asked.Https)
	}
	return said
}

// use: the address that net/http dials for a URL, and the first thing that it says there.
func use(choose func(*url.URL) (*url.URL, error), text string, value string) answer {
	said := answer{"dialled": "", "can_be_dialled": false, "spoken": "", "user": "", "password": ""}
	// httpproxy, parseProxy: such a value is read again with http:// before it
	whole, bad := url.Parse(value)
	said["prefixed"] = bad != nil || whole.Scheme == "" || whole.Host == ""
	target, _ := url.Parse(text)
	proxy, err := choose(target)
	if err != nil || proxy == nil {
		return said
	}
	peer := newScripted(nil)
	transport := &http.Transport{
		Proxy: http.ProxyURL(proxy),
		DialContext: func(_ context.Context, _ string, address string) (net.Conn, error) {
			said["dialled"] = address
			said["can_be_dialled"] = canBeDialled(address)
			return peer, nil
		},
	}
	client := &http.Client{Transport: transport, Timeout: 2 * time.Second}
	if _, err := client.Get(text); err != nil {
		said["error"] = err.Error()
	}
	if proxy.User != nil {
		password, _ := proxy.User.Password()
		said["user"], said["password"] = []byte(proxy.User.Username()), []byte(password)
	}
	switch first := peer.written.Bytes(); {
	case len(first) == 0:
	case first[0] == 22:
		said["spoken"] = "https"
	case first[0] == 5:
		said["spoken"] = "socks5"
	default:
		said["spoken"] = "http"
	}
	return said
}

// canBeDialled: whether package net would ask for the name, or connect to the address, at all.
func canBeDialled(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if number, err := strconv.Atoi(port); err != nil || number < 1 || number > 65535 {
		return false
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	asks := false
	resolver := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		asks = true
		return nil, errors.New("asked")
	}}
	_, err = resolver.LookupHost(context.Background(), host)
	return host != "" && (asks || err == nil)
}
