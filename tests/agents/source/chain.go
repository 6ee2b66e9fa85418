package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"time"
)

// The largest RSA key that crypto/tls takes (handshake_client.go, defaultMaxRSAKeySize), bits.
const largestRSA = 8192

// chain: what crypto/tls would say of a server's certificates (handshake_client.go,
// verifyServerCertificate).
func chain(asked question) answer {
	parsed := []*x509.Certificate{}
	for _, der := range asked.Chain {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return answer{"error": err.Error(), "stage": "parse"}
		}
		if key, is := certificate.PublicKey.(*rsa.PublicKey); is && key.N.BitLen() > largestRSA {
			return answer{"error": "certificate with RSA key larger than 8192 bits", "stage": "key"}
		}
		parsed = append(parsed, certificate)
	}
	if len(parsed) == 0 {
		return answer{"error": "no certificate", "stage": "parse"}
	}
	when, err := time.Parse(time.RFC3339, asked.Time)
	if err != nil {
		return answer{"error": err.Error(), "stage": "question"}
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, der := range asked.Roots {
		if certificate, err := x509.ParseCertificate(der); err == nil {
			roots.AddCert(certificate)
		}
	}
	for _, certificate := range parsed[1:] {
		between.AddCert(certificate)
	}
	paths, err := parsed[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, DNSName: asked.Host, CurrentTime: when})
	if err != nil {
		return answer{"error": err.Error(), "stage": "verify"}
	}
	switch key := parsed[0].PublicKey.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
	default:
		return answer{"error": fmt.Sprintf("unsupported type of public key: %T", key), "stage": "key"}
	}
	path := []string{}
	for _, certificate := range paths[0] {
		sum := sha256.Sum256(certificate.Raw)
		path = append(path, hex.EncodeToString(sum[:]))
	}
	return answer{"error": "", "path": path}
}
