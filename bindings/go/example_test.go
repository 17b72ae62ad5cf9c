package tlswrap_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/tlswrap/tlswrap/bindings/go"
	"github.com/tlswrap/tlswrap/bindings/go/internal/testpki"
)

// A server that says hello, which the examples connect to.
func helloServer() (addr string, stop func()) {
	pki := testpki.Default()
	ctx, err := tlswrap.NewServerContext(&tlswrap.Config{
		Certificates: []tlswrap.Certificate{{Chain: pki.Server.Chain, Key: pki.Server.Key}},
	})
	if err != nil {
		log.Fatal(err)
	}
	l, err := tlswrap.Listen("tcp", "127.0.0.1:0", ctx)
	if err != nil {
		log.Fatal(err)
	}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello by %s", r.Proto)
	}))
	return l.Addr().String(), func() { l.Close(); ctx.Close() }
}

func ExampleDial() {
	addr, stop := helloServer()
	defer stop()

	// A nil context trusts the system's roots.
	ctx, err := tlswrap.NewClientContext(&tlswrap.Config{CAs: testpki.Default().Root.Chain})
	if err != nil {
		log.Fatal(err)
	}
	defer ctx.Close()
	conn, err := tlswrap.Dial("tcp", addr, ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	state := conn.ConnectionState()
	fmt.Println(state.Version, state.Group)
	fmt.Println("sent:")
	for _, cert := range state.PeerCertificates {
		fmt.Println(" ", cert.Subject)
	}
	fmt.Println("verified:")
	for _, cert := range state.VerifiedChain {
		fmt.Println(" ", cert.Subject)
	}
	// Output:
	// TLSv1.3 X25519MLKEM768
	// sent:
	//   CN=localhost
	//   CN=intermediate
	// verified:
	//   CN=localhost
	//   CN=intermediate
	//   CN=root
}

func ExampleVerifyError() {
	addr, stop := helloServer()
	defer stop()
	ctx, err := tlswrap.NewClientContext(&tlswrap.Config{CAs: testpki.Default().Other.Chain})
	if err != nil {
		log.Fatal(err)
	}
	defer ctx.Close()

	_, err = tlswrap.Dial("tcp", addr, ctx)
	var refused *tlswrap.VerifyError
	if errors.As(err, &refused) {
		fmt.Printf("%d at depth %d, %s: %s\n", refused.Code, refused.Depth, refused.Certificate.Subject, refused.Reason)
	}
	// Output: 20 at depth 1, CN=intermediate: unable to get local issuer certificate
}

func ExampleClient() {
	addr, stop := helloServer()
	defer stop()
	ctx, err := tlswrap.NewClientContext(&tlswrap.Config{CAs: testpki.Default().Root.Chain})
	if err != nil {
		log.Fatal(err)
	}
	defer ctx.Close()

	// Any connection will do: this one could go through a proxy.
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		log.Fatal(err)
	}
	conn, err := tlswrap.Client(raw, ctx, "localhost")
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	before, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := conn.HandshakeContext(before); err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(conn, "GET / HTTP/1.0\r\n\r\n")
	answer, err := io.ReadAll(conn)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.15s\n", answer)
	// Output: HTTP/1.0 200 OK
}

func ExampleDialer() {
	addr, stop := helloServer()
	defer stop()
	ctx, err := tlswrap.NewClientContext(&tlswrap.Config{CAs: testpki.Default().Root.Chain})
	if err != nil {
		log.Fatal(err)
	}
	defer ctx.Close()

	dialer := &tlswrap.Dialer{Context: ctx}
	client := http.Client{Transport: &http.Transport{DialTLSContext: dialer.DialContext}}
	defer client.CloseIdleConnections()
	response, err := client.Get("https://" + addr)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(body))
	// Output: hello by HTTP/1.1
}

// A server that chooses the context, and with it the certificate, by the name that a client asks
// for.
func ExampleConfig_getContext() {
	pki := testpki.Default()
	contexts := map[string]*tlswrap.Context{}
	for name, own := range map[string]*testpki.Identity{"a.example": pki.A, "b.example": pki.B} {
		ctx, err := tlswrap.NewServerContext(&tlswrap.Config{
			Certificates: []tlswrap.Certificate{{Chain: own.Chain, Key: own.Key}},
		})
		if err != nil {
			log.Fatal(err)
		}
		defer ctx.Close()
		contexts[name] = ctx
	}
	server, err := tlswrap.NewServerContext(&tlswrap.Config{
		Certificates: []tlswrap.Certificate{{Chain: pki.Server.Chain, Key: pki.Server.Key}},
		GetContext: func(hello *tlswrap.ClientHello) (*tlswrap.Context, error) {
			return contexts[hello.ServerName], nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client, err := tlswrap.NewClientContext(&tlswrap.Config{CAs: pki.Root.Chain})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	for _, name := range []string{"a.example", "b.example", "localhost"} {
		a, b := net.Pipe()
		c, err := tlswrap.Client(a, client, name)
		if err != nil {
			log.Fatal(err)
		}
		s, err := tlswrap.Server(b, server)
		if err != nil {
			log.Fatal(err)
		}
		go s.Handshake()
		if err := c.Handshake(); err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.ConnectionState().PeerCertificates[0].Subject)
		a.Close()
		c.Close()
		s.Close()
	}
	// Output:
	// CN=a.example
	// CN=b.example
	// CN=localhost
}
