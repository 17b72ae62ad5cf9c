// Package tlswrap is TLS over any net.Conn, with both certificate chains of the peer: the one it sent
// and the one that was verified. Everything it knows of TLS is the C library's of that name, which is
// found by pkg-config, or linked into the program with the build tag tlsw_static.
//
// Make a [Context] once, connections of it with [Dial], [Client], [Server] or [Listen], and close all
// of them. Package tlshttp helps net/http with HTTP/2.
package tlswrap

// #include "native.h"
import "C"

import (
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// A Config is what a context is made of. The zero value is safe: TLS 1.2 and 1.3, and a client
// verifies the server's certificate against the system's roots, and its name.
type Config struct {
	// Certificates are shown to the peer; of several (RSA and ECDSA, say) the first that it can
	// verify, whatever name it asks for. A server needs one, unless it has pre-shared keys. To renew
	// one, make another Context, and give it to clients by GetContext.
	Certificates []Certificate

	// Whom to trust: certificates in PEM or DER, a file of them, a directory as `openssl rehash`
	// makes it. A client trusts the system's roots if none of the three is set, and besides them if
	// SystemRoots is.
	CAs         []byte
	CAFile      string
	CADir       string
	SystemRoots bool

	// ClientAuth is whether a server asks its clients for certificates.
	ClientAuth ClientAuth

	// InsecureSkipVerify lets a client take any certificate. ConnectionState.VerifyErr tells what
	// was wrong with it.
	InsecureSkipVerify bool

	// InsecureSkipHostname lets a client take a certificate of a trusted authority for any name.
	InsecureSkipHostname bool

	// VerifyFlags are for stricter or laxer verification; 0 is the library's default.
	VerifyFlags VerifyFlags

	// MinVersion and MaxVersion are the versions of TLS to allow, in the numbers of crypto/tls; 0
	// is the library's default.
	MinVersion, MaxVersion uint16

	// NextProtos are the application protocols (ALPN), preferred first.
	NextProtos []string

	// Ciphers are the suites below TLS 1.3, in OpenSSL's language; CipherSuites those of TLS 1.3;
	// Groups those of the key exchange, such as "X25519MLKEM768". Names with colons between them;
	// "" is the library's default.
	Ciphers, CipherSuites, Groups string

	// SessionTicketsDisabled has a client ask for no tickets, and a server give none: it resumes TLS
	// 1.3 not at all then.
	SessionTicketsDisabled bool

	// RequestOCSP has a client ask for an OCSP response, for ConnectionState.OCSPResponse.
	RequestOCSP bool

	// GetContext gives a server the context for a client, by the name that it asks for; nil goes on
	// with the one at hand. An error ends the handshake, and is what it fails with.
	GetContext func(*ClientHello) (*Context, error)

	// VerifyConnection may refuse a peer whose certificate was verified, or that was let through by
	// InsecureSkipVerify; its error ends the handshake, and is what it fails with. A server that
	// resumes a session has asked before, and does not ask again.
	VerifyConnection func(ConnectionState) error

	// PreSharedKeys are for TLS 1.3, in which they stand for certificates on both sides: a client
	// offers all of them, a server takes the first of its own among them.
	PreSharedKeys []PreSharedKey

	// ClientPSK gives a client its identity and key where a server chose a suite with a pre-shared
	// key, in TLS 1.2 and older; hint is the server's, "" for none. An empty key refuses; an error
	// ends the handshake, and is what it fails with. Ciphers must have such a suite:
	// "ECDHE-PSK-CHACHA20-POLY1305".
	ClientPSK func(hint string) (identity string, key []byte, err error)

	// ServerPSK gives a server the key of an identity, as ClientPSK. A session that is resumed does
	// not ask.
	ServerPSK func(identity string) (key []byte, err error)

	// PSKIdentityHint is the hint of such a server.
	PSKIdentityHint string

	// KeyLogWriter gets the secrets of all connections in the format of NSS's key log, for programs
	// that look into recorded traffic. Who reads them reads everything.
	KeyLogWriter io.Writer

	// SessionCache keeps the sessions of a client, to be resumed; nil resumes none.
	SessionCache SessionCache
}

// ClientAuth is whether a server asks its clients for certificates.
type ClientAuth int

const (
	NoClientCert               ClientAuth = C.TLSW_CERT_NONE     // it does not ask
	VerifyClientCertIfGiven    ClientAuth = C.TLSW_CERT_OPTIONAL // it goes on without one, not with a bad one
	RequireAndVerifyClientCert ClientAuth = C.TLSW_CERT_REQUIRED // no connection without a good one
)

// VerifyFlags are for stricter or laxer verification. They are added to the library's default.
type VerifyFlags uint32

const (
	VerifyCRLCheckLeaf  VerifyFlags = C.TLSW_VERIFY_CRL_CHECK_LEAF     // a revocation list must speak for the peer's certificate
	VerifyCRLCheckChain VerifyFlags = C.TLSW_VERIFY_CRL_CHECK_CHAIN    // and for all of its chain
	VerifyStrict        VerifyFlags = C.TLSW_VERIFY_X509_STRICT        // what OpenSSL 3 checks in its strict mode
	VerifyPartialChain  VerifyFlags = C.TLSW_VERIFY_X509_PARTIAL_CHAIN // a chain may end in any certificate that is trusted
)

// A Certificate is an own certificate chain, leaf first, with its key: as bytes, PEM or DER, or in
// files. The key may be among the blocks of the chain.
type Certificate struct {
	Chain, Key         []byte
	ChainFile, KeyFile string
	Password           []byte // of an encrypted key
	OCSPStaple         []byte // a server shows it to clients that ask (RFC 6066, section 8)
}

// A Context is settings for connections, of one side. Any number of goroutines may use it.
// Connections live on when it is closed.
type Context struct {
	native  *handle
	cleanup runtime.Cleanup
	role    C.uint32_t
	config  Config
}

// NewClientContext makes a context for clients. A nil config is the zero one.
func NewClientContext(config *Config) (*Context, error) { return newContext(C.TLSW_CLIENT, config) }

// NewServerContext makes a context for servers.
func NewServerContext(config *Config) (*Context, error) { return newContext(C.TLSW_SERVER, config) }

// The context of those who pass nil.
var defaultClient = sync.OnceValues(func() (*Context, error) { return NewClientContext(nil) })

func newContext(role C.uint32_t, config *Config) (*Context, error) {
	c := &Context{role: role}
	if config != nil {
		c.config = *config
	}
	var native *C.tlsw_ctx
	var err C.tlsw_error
	if status := C.tlsw_ctx_new(role, &native, &err); status < 0 {
		return nil, failure(&err)
	}
	c.native = &handle{object: unsafe.Pointer(native), free: func(object unsafe.Pointer) {
		C.tlsw_ctx_free((*C.tlsw_ctx)(object))
	}}
	c.cleanup = onLoss(c, c.native)
	if err := c.configure(native); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// side names the role of the context.
func (c *Context) side() string {
	if c.role == C.TLSW_SERVER {
		return "server"
	}
	return "client"
}

// NextProtos gives the application protocols that connections of the context offer, preferred first.
func (c *Context) NextProtos() []string { return slices.Clone(c.config.NextProtos) }

// WithNextProtos makes a context of the same Config with other application protocols: none, if none
// are given. Files that the Config names are read again. Both use the SessionCache of the Config, but
// a session is resumed by the context alone that it was made with. Each context is closed by itself.
func (c *Context) WithNextProtos(protocols ...string) (*Context, error) {
	config := c.config
	config.NextProtos = protocols
	return newContext(c.role, &config)
}

// Close frees the context. Connections that were made from it live on.
func (c *Context) Close() error {
	c.cleanup.Stop()
	c.native.close()
	return nil
}

func (c *Context) configure(native *C.tlsw_ctx) error {
	s := settings{ctx: native}
	config := &c.config
	// All of the list are meant, two with keys of one type too.
	s.set(C.tlsw_ctx_set_keep_cert_chains(native, 1, &s.err))
	for _, certificate := range config.Certificates {
		s.certificate(certificate)
	}
	s.preSharedKeys(config)
	s.trust(config)
	s.verification(c.role, config)
	if config.MinVersion != 0 {
		s.set(C.tlsw_ctx_set_min_version(native, C.int32_t(config.MinVersion), &s.err))
	}
	if config.MaxVersion != 0 {
		s.set(C.tlsw_ctx_set_max_version(native, C.int32_t(config.MaxVersion), &s.err))
	}
	if len(config.NextProtos) > 0 {
		s.protocols(config.NextProtos)
	}
	if config.RequestOCSP {
		s.set(C.tlsw_ctx_set_ocsp_stapling(native, 1, &s.err))
	}
	if config.VerifyFlags != 0 {
		flags := C.tlsw_ctx_get_verify_flags(native) | C.uint32_t(config.VerifyFlags)
		s.set(C.tlsw_ctx_set_verify_flags(native, flags, &s.err))
	}
	// A new handshake in the middle of a connection, which TLS 1.2 allows, would have writers wait
	// for readers. crypto/tls has none either unless it is asked for.
	options := C.tlsw_ctx_get_options(native) | C.TLSW_OP_NO_RENEGOTIATION
	if config.SessionTicketsDisabled {
		options |= C.TLSW_OP_NO_TICKET
	}
	s.set(C.tlsw_ctx_set_options(native, options, &s.err))
	for _, list := range []struct {
		names string
		set   func(*C.char) C.tlsw_status
	}{
		{config.Ciphers, func(names *C.char) C.tlsw_status { return C.tlsw_ctx_set_ciphers(native, names, &s.err) }},
		{config.CipherSuites, func(names *C.char) C.tlsw_status { return C.tlsw_ctx_set_ciphersuites(native, names, &s.err) }},
		{config.Groups, func(names *C.char) C.tlsw_status { return C.tlsw_ctx_set_groups(native, names, &s.err) }},
	} {
		if list.names != "" {
			s.text(list.names, list.set)
		}
	}
	s.hook(config)
	return s.failed
}

// settings sets one thing after another, and remembers what failed first.
type settings struct {
	ctx    *C.tlsw_ctx
	err    C.tlsw_error
	failed error
}

func (s *settings) set(status C.tlsw_status) {
	if s.failed == nil {
		s.failed = failureOf(status, &s.err)
	}
}

// refuse is for what cannot be said to the library.
func (s *settings) refuse(why string) {
	if s.failed == nil {
		s.failed = &Error{Status: ErrArgument, Message: why, Alert: -1}
	}
}

func (s *settings) text(value string, set func(*C.char) C.tlsw_status) {
	if strings.IndexByte(value, 0) >= 0 {
		s.refuse("a setting has a NUL in it")
		return
	}
	c := C.CString(value)
	defer C.free(unsafe.Pointer(c))
	s.set(set(c))
}

func (s *settings) certificate(c Certificate) {
	s.chain(c)
	if len(c.OCSPStaple) > 0 {
		staple, size := pointer(c.OCSPStaple)
		s.set(C.tlsw_ctx_set_ocsp_response(s.ctx, staple, size, &s.err))
	}
}

func (s *settings) chain(c Certificate) {
	password, passwordLen := pointer(c.Password)
	if c.ChainFile == "" {
		chain, chainLen := pointer(c.Chain)
		key, keyLen := pointer(c.Key)
		s.set(C.tlsw_ctx_load_cert_chain_mem(s.ctx, chain, chainLen, key, keyLen, password, passwordLen, &s.err))
		return
	}
	s.text(c.ChainFile, func(chain *C.char) C.tlsw_status {
		var key *C.char
		if c.KeyFile != "" {
			key = C.CString(c.KeyFile)
			defer C.free(unsafe.Pointer(key))
		}
		return C.tlsw_ctx_load_cert_chain_file(s.ctx, chain, key, password, passwordLen, &s.err)
	})
}

func (s *settings) trust(config *Config) {
	if len(config.CAs) > 0 {
		data, size := pointer(config.CAs)
		s.set(C.tlsw_ctx_load_ca_mem(s.ctx, data, size, &s.err))
	}
	if config.CAFile != "" {
		s.text(config.CAFile, func(path *C.char) C.tlsw_status { return C.tlsw_ctx_load_ca_file(s.ctx, path, &s.err) })
	}
	if config.CADir != "" {
		s.text(config.CADir, func(path *C.char) C.tlsw_status { return C.tlsw_ctx_load_ca_dir(s.ctx, path, &s.err) })
	}
	if config.SystemRoots {
		s.set(C.tlsw_ctx_load_system_roots(s.ctx, &s.err))
	}
}

func (s *settings) verification(role C.uint32_t, config *Config) {
	if insecure := config.InsecureSkipHostname || config.InsecureSkipVerify; insecure && role == C.TLSW_SERVER {
		s.refuse("InsecureSkipVerify and InsecureSkipHostname are for clients")
	} else if insecure {
		s.set(C.tlsw_ctx_set_check_hostname(s.ctx, 0, &s.err))
	}
	if config.InsecureSkipVerify {
		s.set(C.tlsw_ctx_set_verify_mode(s.ctx, C.TLSW_CERT_NONE, &s.err))
	}
	if config.ClientAuth == NoClientCert {
		return
	}
	if role == C.TLSW_CLIENT {
		s.refuse("ClientAuth is for servers")
		return
	}
	s.set(C.tlsw_ctx_set_verify_mode(s.ctx, C.uint32_t(config.ClientAuth), &s.err))
}

func (s *settings) protocols(names []string) {
	var wire []byte
	for _, name := range names {
		if len(name) > 255 {
			s.refuse("NextProtos: a name has more than 255 bytes")
			return
		}
		wire = append(append(wire, byte(len(name))), name...)
	}
	data, size := pointer(wire)
	s.set(C.tlsw_ctx_set_alpn_protocols(s.ctx, data, size, &s.err))
}

var _ io.Closer = (*Context)(nil)
