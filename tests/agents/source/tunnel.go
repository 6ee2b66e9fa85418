package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// scripted is a connection whose peer says the same to whatever it is told.
type scripted struct {
	net.Conn
	said    *bytes.Reader
	written bytes.Buffer
	heard   chan struct{}
}

func newScripted(said []byte) *scripted {
	return &scripted{said: bytes.NewReader(said), heard: make(chan struct{})}
}

func (s *scripted) Read(into []byte) (int, error) {
	<-s.heard
	if s.said.Len() == 0 {
		return 0, io.EOF
	}
	return s.said.Read(into)
}

// Write: the peer speaks once a whole request, or anything that is no HTTP, has come.
func (s *scripted) Write(text []byte) (int, error) {
	s.written.Write(text)
	all := s.written.Bytes()
	select {
	case <-s.heard:
	default:
		if all[0] < ' ' || bytes.Contains(all, []byte("\r\n\r\n")) {
			close(s.heard)
		}
	}
	return len(text), nil
}

func (s *scripted) Close() error                     { return nil }
func (s *scripted) SetDeadline(time.Time) error      { return nil }
func (s *scripted) SetReadDeadline(time.Time) error  { return nil }
func (s *scripted) SetWriteDeadline(time.Time) error { return nil }
func (s *scripted) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (s *scripted) RemoteAddr() net.Addr             { return &net.TCPAddr{} }

// clientHello: how a TLS record of one begins.
var clientHello = []byte("\x16\x03\x01")

// tunnel: whether net/http goes on to TLS with this host after these bytes of a proxy of that scheme,
// and what it sent the proxy before.
func tunnel(asked question) answer {
	peer := newScripted(asked.Answer)
	host := asked.Host
	if host == "" {
		host = "endpoint.example"
	}
	proxy, err := url.Parse(asked.Scheme + "://" + asked.Login + "proxy.example:3128")
	if err != nil {
		return answer{"error": err.Error()}
	}
	transport := &http.Transport{
		Proxy:       http.ProxyURL(proxy),
		DialContext: func(context.Context, string, string) (net.Conn, error) { return peer, nil },
	}
	client := &http.Client{Transport: transport, Timeout: 2 * time.Second}
	_, err = client.Get("https://" + host + "/")
	words := ""
	if err != nil {
		words = err.Error()
	}
	sent, _, opened := bytes.Cut(peer.written.Bytes(), clientHello)
	return answer{"opened": opened, "sent": sent, "error": words}
}
