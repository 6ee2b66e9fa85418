package main

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// ask: every URL of the arguments as an agent would, with the environment's proxy and SSL_CERT_FILE.
func ask(urls []string) {
	limit := 10 * time.Second
	if text := os.Getenv("WITNESS_TIMEOUT"); text != "" {
		if given, err := time.ParseDuration(text); err == nil {
			limit = given
		}
	}
	results := make([]answer, len(urls))
	done := make(chan int)
	for number, text := range urls {
		go func() {
			results[number] = asked(text, limit)
			done <- number
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
	upgrade := strings.HasPrefix(text, "wss://")
	target := strings.Replace(text, "wss://", "https://", 1)
	request, err := http.NewRequest("GET", target, nil)
	if err != nil {
		return answer{"url": text, "ok": false, "error": err.Error()}
	}
	if upgrade {
		request.Header.Set("Connection", "Upgrade")
		request.Header.Set("Upgrade", "websocket")
		request.Header.Set("Sec-WebSocket-Version", "13")
		request.Header.Set("Sec-WebSocket-Key", "MDEyMzQ1Njc4OWFiY2RlZg==")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true
	transport.TLSHandshakeTimeout = limit
	if upgrade {
		transport.TLSClientConfig = &tls.Config{NextProtos: []string{"http/1.1"}}
		transport.ForceAttemptHTTP2 = false
	}
	client := &http.Client{Transport: transport, Timeout: limit,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		var inner *url.Error
		if errors.As(err, &inner) {
			err = inner.Err
		}
		return answer{"url": text, "ok": false, "error": err.Error()}
	}
	defer response.Body.Close()
	head := make([]byte, 400)
	count, _ := io.ReadFull(response.Body, head)
	return answer{"url": text, "ok": true, "status": response.StatusCode, "body": string(head[:max(count, 0)]),
		"server": response.Header.Get("Server")}
}
