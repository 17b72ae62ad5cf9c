// Package tlshttp connects tlswrap with net/http where that package only knows crypto/tls: HTTP/2 by
// ALPN, proxies, http.Request.TLS and http.Response.TLS.
//
// HTTP/1.1 without proxies needs none of it: http.Server.Serve takes a listener of tlswrap's, and
// http.Transport.DialTLSContext takes tlswrap.Dialer.DialContext. But net/http does not call
// DialTLSContext for requests that go through a proxy: it does their TLS with crypto/tls, and its own
// TLSClientConfig. NewTransportFrom makes a transport that never does.
package tlshttp

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"

	"github.com/tlswrap/tlswrap/bindings/go"
)

type connKey struct{}

// Conn is the connection that a request came over, on a server that ConfigureServer has seen; nil
// if it is none of tlswrap's.
func Conn(ctx context.Context) *tlswrap.Conn {
	conn, _ := ctx.Value(connKey{}).(*tlswrap.Conn)
	return conn
}

// ConfigureServer makes srv serve HTTP/2 beside HTTP/1.1 on listeners of tlswrap's, and fill in
// http.Request.TLS. Call it before Serve. The contexts of the listeners must offer the protocols:
//
//	tlswrap.Config{NextProtos: []string{"h2", "http/1.1"}}
func ConfigureServer(srv *http.Server) {
	if srv.Protocols == nil {
		srv.Protocols = new(http.Protocols)
		srv.Protocols.SetHTTP1(true)
	}
	// To net/http a connection that is not crypto/tls's is in the clear. It takes one for HTTP/2
	// that begins as HTTP/2 does, which is what a client does that got "h2" by ALPN.
	srv.Protocols.SetUnencryptedHTTP2(true)

	connContext := srv.ConnContext
	srv.ConnContext = func(ctx context.Context, raw net.Conn) context.Context {
		if connContext != nil {
			ctx = connContext(ctx, raw)
		}
		if conn, ok := raw.(*tlswrap.Conn); ok {
			ctx = context.WithValue(ctx, connKey{}, conn)
		}
		return ctx
	}
	handler := srv.Handler
	if handler == nil {
		handler = http.DefaultServeMux
	}
	srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil {
			r.TLS = state(r.Context())
		}
		handler.ServeHTTP(w, r)
	})
}

func state(ctx context.Context) *tls.ConnectionState {
	conn := Conn(ctx)
	if conn == nil {
		return nil
	}
	state := conn.ConnectionState()
	return state.TLS()
}
