package tlshttp

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/proxy"
)

// So long a proxy may take to answer CONNECT: as long as net/http lets it.
const connectTimeout = time.Minute

// viaProxy makes a connection to the target of the call through its proxy.
func (c *call) viaProxy(ctx context.Context) (net.Conn, error) {
	switch c.proxy.Scheme {
	case "socks5", "socks5h":
		return c.socks(ctx)
	case "http", "https":
	default:
		return nil, fmt.Errorf("tlshttp: the proxy %s: unknown scheme", c.proxy.Redacted())
	}
	conn, err := c.connectProxy(ctx)
	if err != nil {
		return nil, &net.OpError{Op: "proxyconnect", Net: "tcp", Err: err} // as net/http has it
	}
	if err := c.tunnel(ctx, conn); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// proxyAddr gives host and port of a proxy.
func proxyAddr(u *url.URL) string {
	ports := map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), ports[u.Scheme]))
}

// connectProxy connects to the proxy, with TLS if its scheme says so.
func (c *call) connectProxy(ctx context.Context) (net.Conn, error) {
	addr := proxyAddr(c.proxy)
	if c.proxy.Scheme == "https" {
		return c.secureProxy(ctx, addr)
	}
	return c.dialRaw(ctx, "tcp", addr)
}

// secureProxy connects to a proxy and does the handshake with it. Proxies are asked in HTTP/1.1.
func (t *Transport) secureProxy(ctx context.Context, addr string) (net.Conn, error) {
	raw, err := t.dialRaw(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	conn, err := t.secure(ctx, raw, addr, "", versions{http1: true})
	if err != nil {
		return nil, err // not a *tlswrap.Conn that is nil
	}
	return conn, nil
}

// socks asks a SOCKS5 proxy for a connection to the target.
func (c *call) socks(ctx context.Context) (net.Conn, error) {
	var auth *proxy.Auth
	if user := c.proxy.User; user != nil {
		password, _ := user.Password()
		auth = &proxy.Auth{User: user.Username(), Password: password}
	}
	dialer, err := proxy.SOCKS5("tcp", proxyAddr(c.proxy), auth, forward(c.dialRaw))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	return dialer.(proxy.ContextDialer).DialContext(ctx, "tcp", c.target)
}

// forward is a dialling function as package proxy wants it.
type forward dialFunc

func (f forward) Dial(network, addr string) (net.Conn, error) {
	return f(context.Background(), network, addr)
}

func (f forward) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return f(ctx, network, addr)
}

// tunnel asks an HTTP proxy for a tunnel to the target: with CONNECT.
func (c *call) tunnel(ctx context.Context, conn net.Conn) error {
	header, err := c.connectHeader(ctx)
	if err != nil {
		return err
	}
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: c.target}, Host: c.target, Header: header}
	response, err := c.exchange(ctx, conn, request)
	if err != nil {
		return err
	}
	if c.base.OnProxyConnectResponse != nil {
		if err := c.base.OnProxyConnectResponse(ctx, c.proxy, request, response); err != nil {
			return err
		}
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("tlshttp: the proxy %s refused to connect to %s: %s", c.proxy.Host, c.target, response.Status)
	}
	return nil
}

// connectHeader gives the header for CONNECT.
func (c *call) connectHeader(ctx context.Context) (header http.Header, err error) {
	if get := c.base.GetProxyConnectHeader; get != nil {
		if header, err = get(ctx, c.proxy, c.target); err != nil {
			return nil, err
		}
	} else {
		header = c.base.ProxyConnectHeader
	}
	if header = header.Clone(); header == nil {
		header = http.Header{}
	}
	if user := c.proxy.User; user != nil {
		password, _ := user.Password()
		credentials := base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password))
		header.Set("Proxy-Authorization", "Basic "+credentials)
	}
	return header, nil
}

// exchange sends a request and reads the header of the response, before ctx is done.
func (c *call) exchange(ctx context.Context, conn net.Conn, request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	response, err := send(conn, request, cmp.Or(c.base.MaxResponseHeaderBytes, 10<<20))
	if !stop() {
		return nil, ctx.Err()
	}
	return response, err
}

func send(conn net.Conn, request *http.Request, limit int64) (*http.Response, error) {
	if err := request.Write(conn); err != nil {
		return nil, err
	}
	// What is read ahead is lost, but a TLS server does not speak first.
	response, err := http.ReadResponse(bufio.NewReader(&io.LimitedReader{R: conn, N: limit}), request)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return nil, errors.New("tlshttp: the proxy closed the connection without an answer to CONNECT")
	}
	return response, err
}
