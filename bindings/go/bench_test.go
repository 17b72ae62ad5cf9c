package tlswrap

import (
	"crypto/tls"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/tlswrap/tlswrap/bindings/go/internal/testpki"
)

// The stacks side by side: this package, and crypto/tls with the same certificates.
type stack struct {
	name   string
	client func(net.Conn) shaker
	server func(net.Conn) shaker
}

type shaker interface {
	net.Conn
	Handshake() error
}

func stacks(b *testing.B) []stack {
	return []stack{ours(b, Config{}), theirs(&tls.Config{})}
}

func ours(b *testing.B, config Config) stack {
	client, server := clientContext(b, config), serverContext(b, Config{})
	return stack{"tlswrap",
		func(raw net.Conn) shaker {
			conn, err := Client(raw, client, "localhost")
			must(err)
			return conn
		},
		func(raw net.Conn) shaker {
			conn, err := Server(raw, server)
			must(err)
			return conn
		},
	}
}

func theirs(config *tls.Config) stack {
	client, server := config.Clone(), config.Clone()
	client.RootCAs, client.ServerName = testpki.Default().Root.Pool(), "localhost"
	server.Certificates = []tls.Certificate{testpki.Default().Server.TLS()}
	return stack{"crypto-tls",
		func(raw net.Conn) shaker { return tls.Client(raw, client) },
		func(raw net.Conn) shaker { return tls.Server(raw, server) },
	}
}

// cpu reports what a round costs both ends in time of the processor, which other programs on the
// machine lengthen less than they do the time of the clock.
func cpu(b *testing.B) func() {
	used := func() int64 {
		var usage syscall.Rusage
		must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
		return usage.Utime.Nano() + usage.Stime.Nano()
	}
	started := used()
	return func() { b.ReportMetric(float64(used()-started)/float64(b.N), "cpu-ns/op") }
}

// dialled hands each connection that it makes to serve, on the server's side.
func (s stack) dialled(b *testing.B, serve func(net.Conn)) func() shaker {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			raw, err := l.Accept()
			if err != nil {
				return
			}
			go serve(s.server(raw))
		}
	}()
	return func() shaker {
		raw, err := net.Dial("tcp", l.Addr().String())
		must(err)
		conn := s.client(raw)
		must(conn.Handshake())
		return conn
	}
}

// A full handshake in TLS 1.3 with both ends in one process, ECDSA P-256, X25519MLKEM768, the chain
// verified; and its connection closed.
func BenchmarkHandshake(b *testing.B) {
	for _, s := range stacks(b) {
		b.Run(s.name, func(b *testing.B) {
			dial := s.dialled(b, func(conn net.Conn) {
				io.Copy(io.Discard, conn)
				conn.Close()
			})
			b.ReportAllocs()
			defer cpu(b)()
			for b.Loop() {
				dial().Close()
			}
		})
	}
}

// The same with a session of an earlier connection resumed.
func BenchmarkResumption(b *testing.B) {
	for _, s := range []stack{
		ours(b, Config{SessionCache: NewLRUSessionCache(0)}),
		theirs(&tls.Config{ClientSessionCache: tls.NewLRUClientSessionCache(0)}),
	} {
		b.Run(s.name, func(b *testing.B) {
			dial := s.dialled(b, func(conn net.Conn) {
				conn.Write([]byte("x")) // and the tickets with it
				io.Copy(io.Discard, conn)
				conn.Close()
			})
			once := func() shaker {
				conn := dial()
				_, err := conn.Read(make([]byte, 1))
				must(err)
				return conn
			}
			once().Close()
			conn := once()
			if resumed := resumed(conn); !resumed {
				b.Fatal("it was not resumed")
			}
			conn.Close()
			b.ReportAllocs()
			defer cpu(b)()
			for b.Loop() {
				once().Close()
			}
		})
	}
}

func resumed(conn shaker) bool {
	if conn, ok := conn.(*Conn); ok {
		return conn.ConnectionState().DidResume
	}
	return conn.(*tls.Conn).ConnectionState().DidResume
}

// Bulk one way over loopback, in writes of 64 KiB.
func BenchmarkBulk(b *testing.B) {
	for _, s := range stacks(b) {
		b.Run(s.name, func(b *testing.B) {
			received := make(chan int64)
			dial := s.dialled(b, func(conn net.Conn) {
				buf := make([]byte, 64<<10)
				n, _ := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{conn}, buf)
				received <- n
			})
			conn := dial()
			data := make([]byte, 64<<10)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			defer cpu(b)()
			sent := int64(0)
			for b.Loop() {
				n, err := conn.Write(data)
				must(err)
				sent += int64(n)
			}
			conn.Close()
			if n := <-received; n != sent {
				b.Fatalf("sent %d, received %d", sent, n)
			}
		})
	}
}

// A small message there and back.
func BenchmarkRoundTrip(b *testing.B) {
	for _, s := range stacks(b) {
		b.Run(s.name, func(b *testing.B) {
			dial := s.dialled(b, func(conn net.Conn) {
				buf := make([]byte, 64)
				for {
					n, err := conn.Read(buf)
					if err != nil {
						return
					}
					if _, err := conn.Write(buf[:n]); err != nil {
						return
					}
				}
			})
			conn := dial()
			defer conn.Close()
			buf := make([]byte, 64)
			b.ReportAllocs()
			defer cpu(b)()
			for b.Loop() {
				_, err := conn.Write(buf)
				must(err)
				_, err = io.ReadFull(conn, buf)
				must(err)
			}
		})
	}
}

// What it costs to cross into C and back, with nothing done there.
func BenchmarkCrossing(b *testing.B) {
	defer cpu(b)()
	for b.Loop() {
		abi()
	}
}

// What a step costs that finds nothing to do: take what came, read, look what is for the peer.
func BenchmarkStep(b *testing.B) {
	c, _ := connected(b, clientContext(b, Config{}), serverContext(b, Config{}))
	buf := make([]byte, 64)
	defer cpu(b)()
	for b.Loop() {
		if step, err := c.readOnce(nil, buf); err != nil || step.n != 0 {
			b.Fatal(step.n, err)
		}
	}
}

// A small message from one end to the other in memory, without sockets: a step to write it and a
// step to read it.
func BenchmarkSteps(b *testing.B) {
	c, s := connected(b, clientContext(b, Config{}), serverContext(b, Config{}))
	room, buf := make([]byte, len(*buffers.Get().(*[]byte))), make([]byte, 64)
	defer cpu(b)()
	for b.Loop() {
		wrote, err := c.writeOnce(buf, room)
		must(err)
		read, err := s.readOnce(room[:wrote.drained], buf)
		must(err)
		if int(read.n) != len(buf) {
			b.Fatal(read.n)
		}
	}
}
