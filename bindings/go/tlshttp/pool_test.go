package tlshttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var quiet = log.New(io.Discard, "", 0)

// each runs a test for both transports and both versions of HTTP.
func each(t *testing.T, settings func(*http.Transport), test func(t *testing.T, client closer, http2 bool)) {
	for http2, proto := range protocols {
		for name, client := range clients(t, settings) {
			t.Run(name+" "+proto, func(t *testing.T) { test(t, client, http2) })
		}
	}
}

// atOnce sends so many requests at once, and gives the bodies of the responses.
func atOnce(t *testing.T, client http.RoundTripper, url string, n int) {
	t.Helper()
	var all sync.WaitGroup
	for range n {
		all.Add(1)
		go func() {
			defer all.Done()
			if _, err := get(client, url); err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()
}

// The first requests each make a connection if they come at once. Of HTTP/2 one stays, of HTTP/1.1
// as many as MaxIdleConnsPerHost says; the others are closed, and none of them is used later.
func TestBurst(t *testing.T) {
	const n = 30
	kept := map[bool]int{false: 3, true: 1}
	each(t, func(base *http.Transport) { base.MaxIdleConnsPerHost = 3 }, func(t *testing.T, client closer, http2 bool) {
		all := make(chan struct{})
		url, l := stockWith(t, http2, nil, func(accepted int) {
			if accepted == n {
				close(all)
			}
		})
		// The handshakes begin when all connections are there.
		hold := func(ctx context.Context) context.Context {
			return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{ConnectDone: func(string, string, error) { <-all }})
		}
		var wait sync.WaitGroup
		for range n {
			wait.Add(1)
			go func() {
				defer wait.Done()
				if _, err := get(traced{client, hold}, url); err != nil {
					t.Error(err)
				}
			}()
		}
		wait.Wait()
		if _, total, _ := l.counts(); total != n {
			t.Fatalf("%d connections were made, expected %d", total, n)
		}
		l.comes(t, kept[http2])
		for range n {
			_, body, err := do(client, request("POST", url, strings.NewReader("0123456789")))
			if err != nil || body != protocols[http2] {
				t.Fatalf("%q: %v", body, err)
			}
		}
		if open, total, _ := l.counts(); open != kept[http2] || total != n {
			t.Errorf("then %d are open, of %d", open, total)
		}
		client.CloseIdleConnections()
		l.comes(t, 0)
	})
}

// traced adds to the contexts of requests.
type traced struct {
	http.RoundTripper
	with func(context.Context) context.Context
}

func (t traced) RoundTrip(r *http.Request) (*http.Response, error) {
	return t.RoundTripper.RoundTrip(r.WithContext(t.with(r.Context())))
}

// A connection that ended while nobody used it costs no request.
func TestDeadIdleConnections(t *testing.T) {
	each(t, nil, func(t *testing.T, client closer, http2 bool) {
		url, l := stock(t, http2, nil)
		for range 10 {
			if body, err := get(client, url); err != nil || body != protocols[http2] {
				t.Fatalf("%q: %v", body, err)
			}
			l.end(t)
		}
	})
}

// Never more connections than MaxConnsPerHost; of HTTP/2 one is enough for all that wait.
func TestMaxConnsPerHost(t *testing.T) {
	for _, limit := range []int{1, 3} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			each(t, func(base *http.Transport) {
				base.MaxConnsPerHost, base.MaxIdleConnsPerHost = limit, limit
			}, func(t *testing.T, client closer, http2 bool) {
				url, l := stock(t, http2, nil)
				for range 3 {
					atOnce(t, client, url, 20)
				}
				if _, _, most := l.counts(); most > limit {
					t.Errorf("%d connections at once", most)
				}
				if _, total, _ := l.counts(); http2 && total > limit {
					t.Errorf("%d connections in all", total)
				}
			})
		})
	}
}

func TestIdleLimits(t *testing.T) {
	each(t, func(base *http.Transport) { base.IdleConnTimeout = 50 * time.Millisecond }, func(t *testing.T, client closer, http2 bool) {
		url, l := stock(t, http2, nil)
		atOnce(t, client, url, 5)
		l.comes(t, 0)
	})
	each(t, func(base *http.Transport) { base.MaxIdleConns = 1 }, func(t *testing.T, client closer, http2 bool) {
		if http2 {
			return // net/http does not count those
		}
		first, one := stock(t, http2, nil)
		second, two := stock(t, http2, nil)
		for _, url := range []string{first, second} {
			if _, err := get(client, url); err != nil {
				t.Fatal(err)
			}
		}
		two.comes(t, 1)
		one.comes(t, 0)
	})
	each(t, func(base *http.Transport) { base.DisableKeepAlives = true }, func(t *testing.T, client closer, http2 bool) {
		url, l := stock(t, http2, nil)
		for range 3 {
			if _, err := get(client, url); err != nil {
				t.Fatal(err)
			}
		}
		l.comes(t, 0)
		if _, total, _ := l.counts(); total != 3 {
			t.Errorf("%d connections for 3 requests", total)
		}
	})
}

// A request that is given up ends at once, whatever it waits for, and its connection does not stay.
func TestCancel(t *testing.T) {
	t.Run("handshake", func(t *testing.T) {
		each(t, nil, func(t *testing.T, client closer, _ bool) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			check(t, err)
			defer l.Close()
			ctx, cancel := context.WithCancel(context.Background())
			go func() {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				conn.Read(make([]byte, 1)) // the ClientHello is there, and nobody answers it
				cancel()
				defer conn.Close()
			}()
			body := &watchedBody{Reader: strings.NewReader("x")}
			_, err = client.RoundTrip(request("POST", "https://"+l.Addr().String(), body).WithContext(ctx))
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
			if got := body.closed.Load(); got != 1 {
				t.Errorf("the body was closed %d times", got)
			}
		})
	})
	t.Run("response", func(t *testing.T) {
		each(t, nil, func(t *testing.T, client closer, http2 bool) {
			ctx, cancel := context.WithCancel(context.Background())
			url, l := stock(t, http2, func(_ http.ResponseWriter, r *http.Request) {
				cancel()
				<-r.Context().Done()
			})
			if _, err := client.RoundTrip(request("GET", url, nil).WithContext(ctx)); !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
			for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
				client.CloseIdleConnections() // the connection may not have been idle yet
				if open, _, _ := l.counts(); open == 0 {
					return
				}
			}
			t.Error("the connection is still open")
		})
	})
}

// A watchedBody counts how often it is closed.
type watchedBody struct {
	io.Reader
	closed atomic.Int32
}

func (b *watchedBody) Close() error {
	b.closed.Add(1)
	return nil
}

func TestTimeouts(t *testing.T) {
	timedOut := func(t *testing.T, err error) {
		t.Helper()
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%v", err)
		}
	}
	t.Run("handshake", func(t *testing.T) {
		settings := func(base *http.Transport) { base.TLSHandshakeTimeout = 20 * time.Millisecond }
		for name, client := range clients(t, settings) {
			t.Run(name, func(t *testing.T) {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				check(t, err)
				defer l.Close()
				_, err = get(client, "https://"+l.Addr().String())
				timedOut(t, err)
			})
		}
	})
	t.Run("response", func(t *testing.T) {
		each(t, func(base *http.Transport) { base.ResponseHeaderTimeout = 20 * time.Millisecond }, func(t *testing.T, client closer, http2 bool) {
			url, _ := stock(t, http2, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
			_, err := get(client, url)
			timedOut(t, err)
		})
	})
}

// A server that refuses before it has said "100 Continue" gets no byte of the body.
func TestExpectContinue(t *testing.T) {
	each(t, func(base *http.Transport) { base.ExpectContinueTimeout = patience }, func(t *testing.T, client closer, http2 bool) {
		url, _ := stock(t, http2, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/refuse" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			n, _ := io.Copy(io.Discard, r.Body)
			fmt.Fprint(w, n)
		})
		for path, expected := range map[string]string{"/refuse": "403 ", "/take": "200 5"} {
			read := &countingReader{Reader: strings.NewReader("12345")}
			r := request("POST", url+path, read)
			r.ContentLength = 5
			r.Header.Set("Expect", "100-continue")
			status, body, err := do(client, r)
			if got := fmt.Sprintf("%d %s", status, body); err != nil || got != expected {
				t.Errorf("%s: %s (%v)", path, got, err)
			}
			if got := read.n.Load(); (got > 0) != (path == "/take") {
				t.Errorf("%s: %d bytes of the body were read", path, got)
			}
		}
	})
}

type countingReader struct {
	io.Reader
	n atomic.Int32
}

func (r *countingReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	r.n.Add(int32(n))
	return n, err
}

// Nothing stays of requests that ended, nor of those that were given up while they dialled.
func TestNothingIsLeft(t *testing.T) {
	each(t, nil, func(t *testing.T, client closer, http2 bool) {
		url, l := stock(t, http2, nil)
		before := runtime.NumGoroutine()
		for range 3 {
			var all sync.WaitGroup
			for i := range 30 {
				all.Add(1)
				go func() {
					defer all.Done()
					ctx, cancel := context.WithCancel(context.Background())
					if i%3 == 0 {
						ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{TLSHandshakeStart: cancel})
					}
					_, _, err := do(client, request("GET", url, nil).WithContext(ctx))
					if err != nil && !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
					cancel()
				}()
			}
			all.Wait()
			for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
				client.CloseIdleConnections() // dials go on a little after their requests
				open, _, _ := l.counts()
				if open == 0 && runtime.NumGoroutine() <= before {
					break
				}
				if time.Now().After(end) {
					t.Fatalf("%d connections, and %d goroutines where there were %d", open, runtime.NumGoroutine(), before)
				}
			}
		}
	})
}
