//go:build unix

package redis_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sttp/cache/redis"
	"sttp/cache/redis/redistest"
)

// secret is a password that nobody may find in a log.
const secret = "s3cret-Passw0rd"

// wantSecret wants that the log does not tell it.
func (k *kept) wantSecret() {
	k.t.Helper()
	if strings.Contains(k.log.String(), secret) {
		k.t.Errorf("the log has the password:\n%s", k.log)
	}
}

// wantAdvice waits until the log says that Redis is gone, and what to do.
func (k *kept) wantAdvice(text string) {
	k.t.Helper()
	if line := k.log.wait(k.t, gone); !strings.Contains(line, text) {
		k.t.Errorf("the log does not say %q: %s", text, line)
	}
}

func TestAPasswordLetsInAndStaysSecret(t *testing.T) {
	s := redistest.Start(t, redistest.Options{Args: []string{"--requirepass", secret}, Password: secret})
	ready(t, s, redis.Options{Password: secret}).put("/a", "text")
	ready(t, s, redis.Options{Username: "default", Password: secret}).put("/a", "text")

	k := open(t, s, redis.Options{})
	k.wantAdvice("set cache.redis.password")
	k = open(t, s, redis.Options{Username: "nobody", Password: secret})
	k.wantAdvice("set cache.redis.username")
	k.wantSecret()
	k = open(t, s, redis.Options{Password: secret + "!"})
	k.wantAdvice("set cache.redis.username")
	s.Do("CONFIG", "SET", "requirepass", secret+"!")
	k.log.wait(t, back)
	k.put("/a", "text")
	k.wantSecret()
}

// The least that the package says a user needs is all that it needs, and nothing
// of it may be missing.
func TestAUserNeedsWhatIsDocumentedAndNoMore(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	least := []string{"+client|tracking", "+ping", "+get", "+set", "+del", "+eval", "+evalsha", "+select"}
	source, err := os.ReadFile("redis.go")
	if err != nil || !strings.Contains(string(source), strings.Join(least[:len(least)-1], " ")+" ("+least[len(least)-1]+")") {
		t.Errorf("the package's comment has another list (%v)", err)
	}
	user := append([]string{"ACL", "SETUSER", "cache", "on", ">" + secret, "resetkeys", "~sttp:*", "-@all"}, least...)
	s.Do(user...)
	o := redis.Options{Username: "cache", Password: secret, DB: 2}
	k := ready(t, s, o)
	k.put("/a", "text")
	k.remove("/a")
	for _, rule := range append([]string{"+~"}, least...) {
		if rule == "+ping" { // needed by a silent connection alone
			continue
		}
		k.Close()
		s.Do("SCRIPT", "FLUSH")
		without, with := []string{"ACL", "SETUSER", "cache", "-" + rule[1:]}, []string{"ACL", "SETUSER", "cache", rule}
		if rule == "+~" {
			without, with = []string{"ACL", "SETUSER", "cache", "resetkeys", "~other:*"}, []string{"ACL", "SETUSER", "cache", "~sttp:*"}
		}
		s.Do(without...)
		k = open(t, s, o)
		k.wantAdvice("give the user of cache.redis.username")
		s.Do(with...)
		k.log.wait(t, back)
		k.put("/"+rule[1:], "text")
		k.wantSecret()
	}
}

func TestRedisThatIsPartOfAClusterIsNotUsed(t *testing.T) {
	s := redistest.Start(t, redistest.Options{TCP: true, Args: []string{"--cluster-enabled", "yes"}})
	k := open(t, s, redis.Options{})
	k.wantAdvice("stands alone")
	k.wantAway()
}

func TestADatabaseThatRedisDoesNotHaveIsSaid(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k := open(t, s, redis.Options{DB: 9999})
	k.wantAdvice("set cache.redis.db")
}

// certificates makes an authority, and a certificate of it for 127.0.0.1. It
// returns the arguments for redis-server, and whom to trust.
func certificates(t *testing.T) (args []string, trusted *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "redis"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:        true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		file := filepath.Join(dir, name)
		var text bytes.Buffer
		pem.Encode(&text, &pem.Block{Type: kind, Bytes: der})
		if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	cert := write("cert.pem", "CERTIFICATE", der)
	trusted = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	trusted.AddCert(parsed)
	return []string{
		"--tls-cert-file", cert, "--tls-key-file", write("key.pem", "PRIVATE KEY", private),
		"--tls-ca-cert-file", cert, "--tls-auth-clients", "no",
	}, trusted
}

func TestTLS(t *testing.T) {
	t.Parallel()
	args, trusted := certificates(t)
	config := &tls.Config{RootCAs: trusted}
	s := redistest.Start(t, redistest.Options{TLS: config, Args: append(args, "--requirepass", secret), Password: secret})
	k := ready(t, s, redis.Options{TLS: config, Password: secret})
	k.put("/a", "text")
	long := strings.Repeat("snippet, ", 1<<20/9)
	k.put("/long/", long)
	s.Kill()
	k.log.wait(t, gone)
	s.Restart()
	k.log.wait(t, back)
	k.wantMiss("/a")

	k = open(t, s, redis.Options{TLS: &tls.Config{RootCAs: x509.NewCertPool()}, Password: secret})
	k.wantAdvice("give Redis a certificate")
	k.wantSecret()
	k = open(t, s, redis.Options{Password: secret})
	k.wantAdvice("closed the connection")
	plain := redistest.Start(t, redistest.Options{TCP: true})
	k = open(t, plain, redis.Options{TLS: config})
	k.wantAdvice("set cache.redis.tls to false")
}

// Through TLS, too, nobody waits for a Redis that is silent, nor does Close.
func TestTLSToASilentRedisIsLeft(t *testing.T) {
	args, trusted := certificates(t)
	config := &tls.Config{RootCAs: trusted}
	s := redistest.Start(t, redistest.Options{TLS: config, Args: args})
	k := ready(t, s, redis.Options{TLS: config, Timeout: 200 * time.Millisecond})
	k.put("/a", "text")
	s.Pause()
	begun := time.Now()
	k.get("/a")
	if d := time.Since(begun); d > time.Second {
		t.Errorf("a call took %v", d)
	}
	k.log.wait(t, gone)
	begun = time.Now()
	k.Close()
	if d := time.Since(begun); d > time.Second {
		t.Errorf("Close took %v", d)
	}
}
