package main

import (
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// keyAndAccept: a key of RFC 6455, 4.1, that nobody has sent before, and the answer that proves
// that it was read (4.2.2).
func keyAndAccept() (string, string) {
	nonce := make([]byte, 16)
	rand.Read(nonce)
	key := base64.StdEncoding.EncodeToString(nonce)
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return key, base64.StdEncoding.EncodeToString(sum[:])
}

// ask: every URL of the arguments at once, each by a client of its own, as the agents' clients are:
// the environment's proxy, resolv.conf, and the roots of SSL_CERT_FILE and SSL_CERT_DIR. The first
// argument is the limit of each request ("8s"). An answer of any status is an answer.
func ask(limit time.Duration, urls []string) {
	results := make([]answer, len(urls))
	done := make(chan bool)
	for number, text := range urls {
		go func() {
			results[number] = asked(text, limit)
			done <- true
		}()
	}
	for range urls {
		<-done
	}
	for _, result := range results {
		encoded, _ := json.Marshal(result)
		os.Stdout.Write(append(encoded, '\n'))
	}
}

func asked(text string, limit time.Duration) answer {
	failed := func(err error) answer {
		var inner *url.Error
		if errors.As(err, &inner) {
			err = inner.Err
		}
		return answer{"url": text, "error": err.Error()}
	}
	key, accept := keyAndAccept()
	upgrade := strings.HasPrefix(text, "wss://")
	request, err := http.NewRequest("GET", strings.Replace(text, "wss://", "https://", 1), nil)
	if err != nil {
		return failed(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSHandshakeTimeout = limit
	if upgrade {
		request.Header.Set("Connection", "Upgrade")
		request.Header.Set("Upgrade", "websocket")
		request.Header.Set("Sec-WebSocket-Version", "13")
		request.Header.Set("Sec-WebSocket-Key", key)
		transport.TLSClientConfig = &tls.Config{NextProtos: []string{"http/1.1"}}
		transport.ForceAttemptHTTP2 = false
	}
	client := &http.Client{Transport: transport, Timeout: limit,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return failed(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusSwitchingProtocols {
		if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)); err != nil {
			return failed(err)
		}
	}
	if response.StatusCode == http.StatusSwitchingProtocols && response.Header.Get("Sec-WebSocket-Accept") != accept {
		return failed(errors.New("a 101 to another key"))
	}
	chain := response.TLS.VerifiedChains[0]
	return answer{"url": text, "status": response.StatusCode, "header": response.Header,
		"root": chain[len(chain)-1].Subject.String()}
}
