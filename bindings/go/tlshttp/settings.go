package tlshttp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"reflect"
	"slices"

	"github.com/tlswrap/tlswrap/bindings/go"
)

// check tells which versions the settings allow for https, and refuses settings that cannot be kept.
func check(settings *http.Transport) (versions, error) {
	switch {
	case settings.DialTLS != nil || settings.DialTLSContext != nil:
		return versions{}, errors.New("tlshttp: the transport has DialTLS or DialTLSContext set, which would not be called")
	case len(settings.TLSNextProto) > 0:
		return versions{}, errors.New("tlshttp: the transport has functions in TLSNextProto, which take connections of " +
			"crypto/tls alone; HTTP/2 has its settings in the field HTTP2")
	case !isDefault(settings.TLSClientConfig):
		return versions{}, errors.New("tlshttp: the transport has a TLSClientConfig, which would not be heeded; " +
			"tlswrap.Config has such settings, for the context of the dialer")
	}
	if settings.Protocols == nil {
		// An empty map is the documented way to do without HTTP/2.
		return versions{http1: true, http2: settings.TLSNextProto == nil && hasHTTP2()}, nil
	}
	allowed := versions{settings.Protocols.HTTP1(), settings.Protocols.HTTP2() && hasHTTP2()}
	if allowed == (versions{}) {
		return versions{}, errors.New("tlshttp: the transport's Protocols leave no version of HTTP for https")
	}
	return allowed, nil
}

// isDefault tells if nothing is set but NextProtos, which net/http sets by itself.
func isDefault(config *tls.Config) bool {
	if config == nil {
		return true
	}
	v := reflect.ValueOf(config).Elem()
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() && field.Name != "NextProtos" && !v.Field(i).IsZero() {
			return false
		}
	}
	return true
}

// hasHTTP2 tells if net/http can do HTTP/2 in this program: a build tag and GODEBUG can exclude it.
func hasHTTP2() bool {
	probe := &http.Transport{Protocols: new(http.Protocols)}
	probe.Protocols.SetUnencryptedHTTP2(true)
	probe.Clone() // it sets TLSNextProto where there is HTTP/2
	return len(probe.TLSNextProto) > 0
}

// rawDialer gives the function that makes the connections below TLS.
func rawDialer(settings *http.Transport, dialer *tlswrap.Dialer) dialFunc {
	switch {
	case dialer.NetDialer != nil:
		return dialer.NetDialer.DialContext
	case settings.DialContext != nil:
		return settings.DialContext
	case settings.Dial != nil:
		dial := settings.Dial
		return func(_ context.Context, network, addr string) (net.Conn, error) { return dial(network, addr) }
	}
	return new(net.Dialer).DialContext
}

// context gives the context for connections of the allowed versions: the dialer's own, unless that
// one offers another version, too.
func (t *Transport) context(allowed versions) (*tlswrap.Context, error) {
	own := t.dialer.Context
	if own == nil {
		return nil, nil
	}
	offered := own.NextProtos()
	wanted := slices.DeleteFunc(slices.Clone(offered), func(name string) bool {
		return name == "h2" && !allowed.http2 || name == "http/1.1" && !allowed.http1
	})
	if len(wanted) == len(offered) {
		return own, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if made := t.contexts[allowed]; made != nil {
		return made, nil
	}
	made, err := own.WithNextProtos(wanted...)
	if err == nil {
		t.contexts[allowed] = made
	}
	return made, err
}
