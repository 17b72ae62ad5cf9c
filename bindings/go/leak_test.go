//go:build linux && !race

package tlswrap

import (
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tlswrap/tlswrap/bindings/go/internal/cmem"
	"github.com/tlswrap/tlswrap/bindings/go/internal/testpki"
)

// settle waits until what ends by itself has ended.
func settle(goroutines int) int {
	for range 200 {
		if runtime.NumGoroutine() <= goroutines {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	for range 5 {
		runtime.GC() // what has no Close: sessions
		time.Sleep(5 * time.Millisecond)
	}
	return runtime.NumGoroutine()
}

// Every way of a connection, again and again, leaves nothing: no goroutine, no memory of C's. (The race
// detector's own would count too.)
func TestNoLeak(t *testing.T) {
	// The allocator counts what a thread keeps for its next use as used; without that, it counts
	// exactly. It reads this once, when a program starts.
	const tunables = "GLIBC_TUNABLES"
	if os.Getenv(tunables) == "" {
		self := exec.Command(os.Args[0], "-test.run=^TestNoLeak$", "-test.v")
		self.Env = append(os.Environ(), tunables+"=glibc.malloc.tcache_count=0")
		if said, err := self.CombinedOutput(); err != nil || !strings.Contains(string(said), "--- PASS: TestNoLeak/whole") {
			t.Errorf("%v\n%s", err, said)
		}
		return
	}
	pki := testpki.Default()
	other := serverContext(t, Config{Certificates: []Certificate{ownCertificate(pki.A)}})
	server := serverContext(t, Config{
		GetContext: func(hello *ClientHello) (*Context, error) {
			switch hello.ServerName {
			case "a.example":
				return other, nil
			case "b.example":
				return nil, errors.New("refused")
			}
			return nil, nil
		},
	})
	client := clientContext(t, Config{
		SessionCache:     NewLRUSessionCache(4),
		KeyLogWriter:     io.Discard,
		VerifyConnection: func(ConnectionState) error { return nil },
	})
	strict := clientContext(t, Config{CAs: pki.Other.Chain})

	pair := func(ctx *Context, name string) (*Conn, *Conn) {
		a, b := tcp(t)
		c, err := Client(a, ctx, name)
		must(err)
		s, err := Server(b, server)
		must(err)
		return c, s
	}
	ways := map[string]func(){
		"whole": func() {
			c, s := pair(client, "localhost")
			shake(c, s)
			go s.Write(make([]byte, 100_000))
			io.ReadFull(c, make([]byte, 100_000))
			state := c.ConnectionState()
			state.ChannelBinding("tls-exporter")
			c.Report()
			c.Close()
			io.Copy(io.Discard, s)
			s.Close()
		},
		"another context": func() { c, s := pair(client, "a.example"); shake(c, s); c.Close(); s.Close() },
		"refused by name": func() { c, s := pair(client, "b.example"); shake(c, s); c.Close(); s.Close() },
		"refused":         func() { c, s := pair(strict, "localhost"); shake(c, s); c.Close(); s.Close() },
		"never begun":     func() { c, s := pair(client, "localhost"); c.Close(); s.Close() },
		"forgotten":       func() { c, s := pair(client, "localhost"); shake(c, s); c.raw.Close(); s.raw.Close() },
		"no name":         func() { a, _ := tcp(t); Client(a, client, "a b") },
		"contexts": func() {
			ctx, err := NewServerContext(&Config{Certificates: []Certificate{ownCertificate(pki.Server)}, GetContext: func(*ClientHello) (*Context, error) { return nil, nil }})
			must(err)
			ctx.Close()
			NewClientContext(&Config{CAs: pki.Root.Chain, Groups: "no-such"})
			NewServerContext(&Config{GetContext: func(*ClientHello) (*Context, error) { return nil, nil }}) // forgotten
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			goroutines := runtime.NumGoroutine()
			const count = 200
			used, growth := 0, math.MaxInt
			for range 5 { // some of them fill what is kept for all, and what leaks grows in each
				for range count {
					way()
				}
				if now := settle(goroutines); now > goroutines {
					t.Fatalf("%d goroutines are left", now-goroutines)
				}
				before := used
				used = cmem.InUse()
				growth = min(growth, used-before)
			}
			if growth > 16*count {
				t.Errorf("C's memory grows by %d bytes each time", growth/count)
			}
		})
	}
}
