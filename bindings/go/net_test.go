package tlswrap

import (
	"io"
	"net"
	"testing"

	"golang.org/x/net/nettest"
)

// What the net package asks of a net.Conn, over sockets and over pipes that hold nothing.
func TestNetConn(t *testing.T) {
	client, server := clientContext(t, Config{}), serverContext(t, Config{})
	below := map[string]func() (net.Conn, net.Conn){
		"tcp":  func() (net.Conn, net.Conn) { return tcp(t) },
		"pipe": func() (net.Conn, net.Conn) { return net.Pipe() },
	}
	for name, pair := range below {
		t.Run(name, func(t *testing.T) {
			nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
				a, b := pair()
				c, s := both(t, client, server, a, b)
				if client, server := shake(c, s); client != nil || server != nil {
					t.Fatalf("client: %v, server: %v", client, server)
				}
				stop := func() {
					// Over a pipe somebody must take the goodbyes.
					go io.Copy(io.Discard, a)
					go io.Copy(io.Discard, b)
					c.Close()
					s.Close()
				}
				return c, s, stop, nil
			})
		})
	}
}
