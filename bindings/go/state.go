package tlswrap

// #include "native.h"
import "C"

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"unsafe"
)

// A ConnectionState is what a connection tells about itself and its peer.
type ConnectionState struct {
	HandshakeComplete  bool
	Version            string // "TLSv1.3"
	CipherSuite        string // "TLS_AES_128_GCM_SHA256"; below TLS 1.3 OpenSSL's name
	Group              string // of the key exchange: "X25519MLKEM768"
	NegotiatedProtocol string // ALPN; "" if there is none
	ServerName         string // that a client asked for
	DidResume          bool

	// PeerCertificates is what the peer sent, in its order; there after a refusal, too: to look at,
	// not to trust. A certificate that crypto/x509 cannot read has nothing but its Raw.
	PeerCertificates []*x509.Certificate

	// VerifiedChain is the chain that was verified, from the peer's certificate to the trust anchor;
	// nil if none was.
	VerifiedChain []*x509.Certificate

	// VerifyErr is why the peer's certificate was refused, or would have been but for
	// InsecureSkipVerify; nil if it was not.
	VerifyErr *VerifyError

	// PSKIdentity is that of the pre-shared key that both sides have; "" where none was used.
	PSKIdentity string

	// OCSPResponse is what a server showed to a client that asked (RequestOCSP), unverified.
	OCSPResponse []byte

	native *handle
}

// ChannelBinding is what ties an authentication inside the connection to it. kind is "tls-unique",
// "tls-server-end-point" (RFC 5929) or "tls-exporter" (RFC 9266). It is nil where there is none,
// and net.ErrClosed after Close.
func (s *ConnectionState) ChannelBinding(kind string) ([]byte, error) {
	name := C.CString(kind)
	defer C.free(unsafe.Pointer(name))
	return s.secret(func(conn *C.tlsw_conn, out *C.tlsw_buf, err *C.tlsw_error) C.tlsw_status {
		return C.tlsw_get_channel_binding(conn, name, out, err)
	})
}

// ExportKeyingMaterial is length bytes of secret that both ends can make and nobody else (RFC 5705;
// RFC 8446, section 7.5). A nil context is none, which below TLS 1.3 differs from an empty one. It
// is net.ErrClosed after Close.
func (s *ConnectionState) ExportKeyingMaterial(label string, context []byte, length int) ([]byte, error) {
	if length < 0 {
		length = 0 // which the library refuses
	}
	name := C.CString(label)
	defer C.free(unsafe.Pointer(name))
	data, size := pointer(context)
	if context != nil && data == nil {
		data = (*C.uint8_t)(unsafe.Pointer(new(byte)))
	}
	return s.secret(func(conn *C.tlsw_conn, out *C.tlsw_buf, err *C.tlsw_error) C.tlsw_status {
		return C.tlsw_export_keying_material(conn, name, data, size, C.size_t(length), out, err)
	})
}

func (s *ConnectionState) secret(get func(*C.tlsw_conn, *C.tlsw_buf, *C.tlsw_error) C.tlsw_status) ([]byte, error) {
	if s.native == nil {
		return nil, &Error{Status: ErrState, Message: "it is the state of no connection", Alert: -1}
	}
	return s.native.bytes(get)
}

// bytes is what a question to a connection gives; nil if there is nothing.
func (h *handle) bytes(get func(*C.tlsw_conn, *C.tlsw_buf, *C.tlsw_error) C.tlsw_status) ([]byte, error) {
	if err := h.enter(); err != nil {
		return nil, err
	}
	defer h.leave()
	var buf C.tlsw_buf
	var err C.tlsw_error
	status := get((*C.go_conn)(h.object).conn, &buf, &err)
	if status != C.TLSW_OK {
		return nil, failureOf(status, &err)
	}
	return taken(&buf), nil
}

// TLS is the state as far as crypto/tls can say it, for programs that look at http.Request.TLS.
func (s *ConnectionState) TLS() *tls.ConnectionState {
	versions := map[string]uint16{"TLSv1": tls.VersionTLS10, "TLSv1.1": tls.VersionTLS11, "TLSv1.2": tls.VersionTLS12, "TLSv1.3": tls.VersionTLS13}
	state := &tls.ConnectionState{
		Version:            versions[s.Version],
		HandshakeComplete:  s.HandshakeComplete,
		DidResume:          s.DidResume,
		NegotiatedProtocol: s.NegotiatedProtocol,
		ServerName:         s.ServerName,
		PeerCertificates:   s.PeerCertificates,
		OCSPResponse:       s.OCSPResponse,
	}
	for _, suite := range tls.CipherSuites() {
		if suite.Name == s.CipherSuite {
			state.CipherSuite = suite.ID
		}
	}
	if s.VerifiedChain != nil {
		state.VerifiedChains = [][]*x509.Certificate{s.VerifiedChain}
	}
	return state
}

// ConnectionState tells about the connection; before the handshake has ended, nothing. After Close
// it answers what it did before.
func (c *Conn) ConnectionState() ConnectionState {
	c.asking.Lock()
	defer c.asking.Unlock()
	if c.keepState(); c.state == nil {
		return ConnectionState{native: c.native}
	}
	c.state.parse()
	return c.state.ConnectionState
}

// keepState asks, while there is somebody to ask, what may be wanted later. The caller holds asking.
func (c *Conn) keepState() {
	if c.state != nil || !c.over.Load() || c.native.enter() != nil {
		return
	}
	defer c.native.leave()
	c.state = stateOf(c.native)
	c.state.HandshakeComplete = c.handshaken.Load()
}

// facts is a state whose certificates may not have been parsed yet.
type facts struct {
	ConnectionState
	sent, verified []byte
}

// stateOf asks a connection that the caller has entered.
func stateOf(native *handle) *facts {
	conn := (*C.go_conn)(native.object).conn
	f := &facts{ConnectionState: ConnectionState{
		Version:     text(C.tlsw_get_version(conn)),
		CipherSuite: text(C.tlsw_get_cipher(conn)),
		Group:       text(C.tlsw_get_group(conn)),
		DidResume:   C.tlsw_get_session_reused(conn) == 1,
		native:      native,
	}}
	var buf C.tlsw_buf
	if C.tlsw_get_alpn(conn, &buf, nil) == C.TLSW_OK {
		f.NegotiatedProtocol = string(taken(&buf))
	}
	if C.tlsw_get_server_hostname(conn, &buf, nil) == C.TLSW_OK {
		f.ServerName = string(taken(&buf))
	}
	if C.tlsw_get_psk_identity(conn, &buf, nil) == C.TLSW_OK {
		f.PSKIdentity = string(taken(&buf))
	}
	if C.tlsw_get_peer_chain_der(conn, C.TLSW_CHAIN_SENT, &buf, nil) == C.TLSW_OK {
		f.sent = taken(&buf)
	}
	if C.tlsw_get_peer_chain_der(conn, C.TLSW_CHAIN_VERIFIED, &buf, nil) == C.TLSW_OK {
		f.verified = taken(&buf)
	}
	if C.tlsw_get_ocsp_response(conn, &buf, nil) == C.TLSW_OK {
		f.OCSPResponse = taken(&buf)
	}
	var verdict C.tlsw_error
	if C.tlsw_get_verify_result(conn, &verdict) == C.TLSW_ERR_VERIFY {
		f.VerifyErr, _ = failure(&verdict).(*VerifyError)
		f.VerifyErr.Certificate = failedCertificate(conn)
	}
	return f
}

func (f *facts) parse() {
	f.PeerCertificates = append(f.PeerCertificates, certificates(f.sent)...)
	f.VerifiedChain = append(f.VerifiedChain, certificates(f.verified)...)
	f.sent, f.verified = nil, nil
}

// failedCertificate is the one that a connection's verification failed at.
func failedCertificate(conn *C.tlsw_conn) *x509.Certificate {
	var buf C.tlsw_buf
	if C.tlsw_get_failed_cert_der(conn, &buf, nil) != C.TLSW_OK {
		return nil
	}
	return certificate(taken(&buf))
}

// certificates parses certificates that stand one after another.
func certificates(der []byte) (list []*x509.Certificate) {
	for len(der) > 0 {
		var one asn1.RawValue
		rest, err := asn1.Unmarshal(der, &one)
		if err != nil {
			return append(list, certificate(der))
		}
		list = append(list, certificate(one.FullBytes))
		der = rest
	}
	return list
}

func certificate(der []byte) *x509.Certificate {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return &x509.Certificate{Raw: der}
	}
	return cert
}

// Report is all that the connection tells about its peer, as one JSON object in ASCII: what the
// command tlswrap-chain prints.
func (c *Conn) Report() ([]byte, error) {
	return c.native.bytes(func(conn *C.tlsw_conn, out *C.tlsw_buf, err *C.tlsw_error) C.tlsw_status {
		return C.tlsw_get_report_json(conn, out, err)
	})
}
