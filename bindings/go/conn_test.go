package tlswrap

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/tlswrap/tlswrap/bindings/go/internal/testpki"
)

func TestErrorVerify(t *testing.T) {
	pki := testpki.Default()
	for name, c := range map[string]struct {
		trusted, shown *testpki.Identity
		name           string
		code, depth    int
		reason         string
		culprit        int // which of the certificates that were sent
	}{
		"untrusted":  {pki.Other, pki.Server, "localhost", 20, 1, "unable to get local issuer certificate", 1},
		"wrong name": {pki.Root, pki.Server, "other.example", 62, 0, "Hostname mismatch", 0},
		"expired":    {pki.Root, pki.Expired, "localhost", 10, 0, "certificate has expired", 0},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := tcp(t)
			client, err := Client(a, clientContext(t, Config{CAs: c.trusted.Chain}), c.name)
			if err != nil {
				t.Fatal(err)
			}
			server, err := Server(b, serverContext(t, Config{Certificates: []Certificate{ownCertificate(c.shown)}}))
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			refusal, theirs := shake(client, server)
			var verify *VerifyError
			if !errors.As(refusal, &verify) {
				t.Fatalf("%v is no VerifyError", refusal)
			}
			if verify.Code != c.code || verify.Depth != c.depth || verify.Reason != c.reason {
				t.Errorf("%d at depth %d: %q", verify.Code, verify.Depth, verify.Reason)
			}
			if !errors.Is(refusal, ErrVerify) || errors.Is(refusal, ErrTLS) {
				t.Error("it is not of its status")
			}
			var alert *Error
			if !errors.As(theirs, &alert) || alert.Status != ErrTLS || alert.Alert != verify.Err.Alert {
				t.Errorf("the server was told %v", theirs)
			}
			// What the peer sent is there after the refusal, and after Close.
			for range 2 {
				state := client.ConnectionState()
				if state.HandshakeComplete || len(state.PeerCertificates) != 2 || state.VerifiedChain != nil {
					t.Fatalf("%d certificates, %d verified", len(state.PeerCertificates), len(state.VerifiedChain))
				}
				if !state.PeerCertificates[c.culprit].Equal(verify.Certificate) || state.VerifyErr.Code != c.code {
					t.Errorf("it failed at %v", verify.Certificate.Subject)
				}
				client.Close()
			}
			// It stays refused.
			if _, err := client.Write([]byte("x")); !errors.Is(err, ErrVerify) {
				t.Errorf("a write says %v", err)
			}
		})
	}
}

func TestErrorInsecure(t *testing.T) {
	client := clientContext(t, Config{InsecureSkipVerify: true, CAs: testpki.Default().Other.Chain})
	c, _ := connected(t, client, serverContext(t, Config{}))
	state := c.ConnectionState()
	if state.VerifyErr == nil || state.VerifyErr.Code != 20 || state.VerifiedChain != nil {
		t.Errorf("%+v", state.VerifyErr)
	}
}

func TestVerifyFlags(t *testing.T) {
	middle := testpki.Default().Server.Chain
	middle = middle[bytes.LastIndex(middle, []byte("-----BEGIN")):]
	for name, c := range map[string]struct {
		config Config
		code   int // 0: verified
	}{
		"a chain that ends early":        {Config{CAs: middle}, 2},
		"and may":                        {Config{CAs: middle, VerifyFlags: VerifyPartialChain}, 0},
		"no list of revoked leaves":      {Config{VerifyFlags: VerifyCRLCheckLeaf}, 3},
		"no list of revoked authorities": {Config{VerifyFlags: VerifyCRLCheckChain}, 3},
		"leniently":                      {Config{}, 0},
		"strictly":                       {Config{VerifyFlags: VerifyStrict}, 82},
	} {
		a, b := tcp(t)
		shown := Config{Certificates: []Certificate{ownCertificate(testpki.Default().Overreaching)}}
		client, server := both(t, clientContext(t, c.config), serverContext(t, shown), a, b)
		err, _ := shake(client, server)
		code := 0
		if refused := (*VerifyError)(nil); errors.As(err, &refused) {
			code = refused.Code
		}
		if code != c.code || (err == nil) != (code == 0) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSessionTicketsDisabled(t *testing.T) {
	client := clientContext(t, Config{SessionCache: NewLRUSessionCache(1)})
	server := serverContext(t, Config{SessionTicketsDisabled: true})
	for range 2 {
		c, s := connected(t, client, server)
		echo(t, c, s)
		if c.ConnectionState().DidResume {
			t.Error("it was resumed")
		}
	}
}

func TestErrorConfig(t *testing.T) {
	server := testpki.Default().Server
	for name, c := range map[string]struct {
		config *Config
		make   func(*Config) (*Context, error)
		status Status
	}{
		"no PEM":           {&Config{CAs: []byte("?")}, NewClientContext, ErrDecode},
		"no file":          {&Config{CAFile: "/nonexistent"}, NewClientContext, ErrIO},
		"another's key":    {&Config{Certificates: []Certificate{{Chain: server.Chain, Key: testpki.Default().Client.Key}}}, NewServerContext, ErrDecode},
		"no suite":         {&Config{Ciphers: "NO-SUCH"}, NewClientContext, ErrTLS},
		"no group":         {&Config{Groups: "no-such"}, NewClientContext, ErrArgument},
		"no version":       {&Config{MinVersion: 0x0300}, NewClientContext, ErrUnsupported},
		"a NUL":            {&Config{CAFile: "a\x00b"}, NewClientContext, ErrArgument},
		"a long protocol":  {&Config{NextProtos: []string{string(make([]byte, 256))}}, NewClientContext, ErrArgument},
		"clients' own":     {&Config{ClientAuth: RequireAndVerifyClientCert}, NewClientContext, ErrArgument},
		"servers' no name": {&Config{InsecureSkipHostname: true}, NewServerContext, ErrArgument},
	} {
		if ctx, err := c.make(c.config); ctx != nil || !errors.Is(err, c.status) {
			t.Errorf("%s: %v, expected %v", name, err, c.status)
		}
	}
	_, err := NewClientContext(&Config{CAFile: "/nonexistent"})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v is not os.ErrNotExist", err)
	}
	if _, err := Client(nil, clientContext(t, Config{}), "a b"); !errors.Is(err, ErrArgument) {
		t.Errorf("a name with a blank: %v", err)
	}
	if _, err := Client(nil, clientContext(t, Config{}), "b\u00fc\xff"); !errors.Is(err, ErrArgument) {
		t.Errorf("a name that is not UTF-8: %v", err)
	}
	if _, err := Server(nil, clientContext(t, Config{})); !errors.Is(err, ErrArgument) {
		t.Errorf("a server of a client's context: %v", err)
	}
}

func TestErrorNoTLS(t *testing.T) {
	a, b := tcp(t)
	c, err := Client(a, clientContext(t, Config{}), "localhost")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	b.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	if err := c.Handshake(); !errors.Is(err, ErrTLS) {
		t.Errorf("%v", err)
	}
}

func TestCloseTruncated(t *testing.T) {
	a, b := tcp(t)
	c, s := both(t, clientContext(t, Config{}), serverContext(t, Config{}), a, b)
	if client, server := shake(c, s); client != nil || server != nil {
		t.Fatal(client, server)
	}
	b.(*net.TCPConn).CloseWrite()
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.ErrUnexpectedEOF) || !errors.Is(err, ErrEOF) {
		t.Errorf("without a goodbye: %v", err)
	}
}

func TestCloseWhileOthersWait(t *testing.T) {
	c, s := connected(t, clientContext(t, Config{}), serverContext(t, Config{}))
	reader, writer := make(chan error), make(chan error)
	go func() {
		_, err := c.Read(make([]byte, 1))
		reader <- err
	}()
	go func() {
		for {
			if _, err := c.Write(make([]byte, 1<<20)); err != nil { // nobody reads it
				writer <- err
				return
			}
		}
	}()
	for s.ConnectionState(); ; runtime.Gosched() { // until the writer is stuck
		if !c.writing.TryLock() {
			break
		}
		c.writing.Unlock()
	}
	time.Sleep(50 * time.Millisecond)
	started := time.Now()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	for who, result := range map[string]chan error{"reader": reader, "writer": writer} {
		if err := <-result; !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: %v", who, err)
		}
	}
	if took := time.Since(started); took > goodbyeTimeout {
		t.Errorf("it took %v", took)
	}
	for what, err := range map[string]error{"Close": c.Close(), "CloseWrite": c.CloseWrite()} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s after Close: %v", what, err)
		}
	}
	state := c.ConnectionState()
	if !state.HandshakeComplete || len(state.PeerCertificates) != 2 {
		t.Error("what was known is forgotten")
	}
	if _, err := state.ChannelBinding("tls-exporter"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a channel binding after Close: %v", err)
	}
	if _, err := c.Report(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a report after Close: %v", err)
	}
}

func TestCloseWriteBeforeHandshake(t *testing.T) {
	a, b := tcp(t)
	c, _ := both(t, clientContext(t, Config{}), serverContext(t, Config{}), a, b)
	if err := c.CloseWrite(); !errors.Is(err, ErrState) {
		t.Error(err)
	}
}

func TestWriteAfterCloseWrite(t *testing.T) {
	c, s := connected(t, clientContext(t, Config{}), serverContext(t, Config{}))
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Write([]byte("x")); n != 0 || err == nil {
		t.Errorf("%d bytes were written, %v", n, err)
	}
	go s.Write([]byte("still"))
	got := make([]byte, 5)
	if _, err := io.ReadFull(c, got); err != nil || string(got) != "still" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestDeadlines(t *testing.T) {
	client, server := clientContext(t, Config{}), serverContext(t, Config{})
	timedOut := func(t *testing.T, err error) {
		t.Helper()
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%v is no timeout", err)
		}
	}
	past := time.Unix(1, 0)
	t.Run("handshake", func(t *testing.T) {
		a, b := tcp(t)
		c, s := both(t, client, server, a, b)
		c.SetDeadline(past)
		timedOut(t, c.Handshake())
		c.SetDeadline(time.Time{})
		// What was interrupted goes on.
		if client, server := shake(c, s); client != nil || server != nil {
			t.Errorf("client: %v, server: %v", client, server)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		c, s := connected(t, client, server)
		result := make(chan error)
		go func() {
			_, err := c.Read(make([]byte, 1))
			result <- err
		}()
		time.Sleep(20 * time.Millisecond)
		c.SetReadDeadline(past)
		timedOut(t, <-result)
		c.SetReadDeadline(time.Time{})
		echo(t, c, s)
	})
	t.Run("a write in its middle", func(t *testing.T) {
		c, s := connected(t, client, server)
		data := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
		c.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
		n, err := c.Write(data) // more than fits anywhere
		timedOut(t, err)
		if n == 0 || n == len(data) {
			t.Fatalf("%d bytes were written", n)
		}
		c.SetWriteDeadline(time.Time{})
		go func() {
			c.Write(data[n:])
			c.CloseWrite()
		}()
		got, err := io.ReadAll(s)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d of %d bytes came, or others (%v)", len(got), len(data), err)
		}
	})
}

func TestHandshakeContext(t *testing.T) {
	a, b := tcp(t)
	c, _ := both(t, clientContext(t, Config{}), serverContext(t, Config{}), a, b)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	err := c.HandshakeContext(ctx) // the server says nothing
	var timeout net.Error
	if err != context.DeadlineExceeded || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("%v", err)
	}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.HandshakeContext(canceled); err != context.Canceled {
		t.Errorf("%v", err)
	}
	if _, err := DialContext(canceled, "tcp", "127.0.0.1:1", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// A connection that a thousand others are beside, each with a reader and a writer at both ends.
func TestThousandConnections(t *testing.T) {
	l, err := Listen("tcp", "127.0.0.1:0", serverContext(t, Config{}))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				io.Copy(conn, conn)
			}()
		}
	}()
	const count = 1000
	client := clientContext(t, Config{})
	var all, shaken sync.WaitGroup
	shaken.Add(count)
	for i := range count {
		all.Add(1)
		go func() {
			defer all.Done()
			conn, err := Dial("tcp", l.Addr().String(), client)
			shaken.Done()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			shaken.Wait() // all of them are there at once
			data := bytes.Repeat([]byte{byte(i), byte(i >> 8)}, 20_000)
			go conn.Write(data)
			got := make([]byte, len(data))
			if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, data) {
				t.Errorf("connection %d: %v", i, err)
			}
		}()
	}
	all.Wait()
}
