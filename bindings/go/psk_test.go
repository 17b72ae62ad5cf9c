package tlswrap

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"
)

var sharedKey = []byte("the key of both sides")

// keyed is contexts of two who have a key and nothing else.
func keyed(t *testing.T, client, server Config) (*Context, *Context) {
	t.Helper()
	c := clientContext(t, client)
	s, err := NewServerContext(&server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return c, s
}

func me(string) (string, []byte, error) { return "me", sharedKey, nil }

// met shakes hands: what each side came to.
func met(t *testing.T, client, server Config) (c, s *Conn, clientErr, serverErr error) {
	t.Helper()
	one, other := keyed(t, client, server)
	a, b := tcp(t)
	c, s = both(t, one, other, a, b)
	clientErr, serverErr = shake(c, s)
	return c, s, clientErr, serverErr
}

func TestPSKByHooks(t *testing.T) {
	var hint, identity string
	longest := strings.Repeat("\u00e9", 64)
	client := Config{Ciphers: "PSK", ClientPSK: func(given string) (string, []byte, error) {
		hint = given
		return longest, sharedKey, nil
	}}
	server := Config{Ciphers: "PSK", PSKIdentityHint: "hint", ServerPSK: func(given string) ([]byte, error) {
		identity = given
		return sharedKey, nil
	}}
	c, s, clientErr, serverErr := met(t, client, server)
	if clientErr != nil || serverErr != nil {
		t.Fatalf("client: %v, server: %v", clientErr, serverErr)
	}
	echo(t, c, s)
	if hint != "hint" || identity != longest {
		t.Errorf("hint %q, identity %q", hint, identity)
	}
	for _, conn := range []*Conn{c, s} {
		state := conn.ConnectionState()
		if state.PSKIdentity != longest || state.CipherSuite != "ECDHE-PSK-CHACHA20-POLY1305" || state.Version != "TLSv1.2" || state.PeerCertificates != nil {
			t.Errorf("%+v", state)
		}
	}
}

func TestPSKRefused(t *testing.T) {
	mine := errors.New("mine")
	knows := func(string) ([]byte, error) { return sharedKey, nil }
	for name, test := range map[string]struct {
		client         func(string) (string, []byte, error)
		server         func(string) ([]byte, error)
		ours, theirs   error
		reason, answer string
	}{
		"a wrong key": {client: me, server: func(string) ([]byte, error) { return []byte("another"), nil },
			reason: "SSLV3_ALERT_BAD_RECORD_MAC", answer: "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"},
		"nobody":            {client: me, server: func(string) ([]byte, error) { return nil, nil }, reason: "TLSV1_ALERT_UNKNOWN_PSK_IDENTITY", answer: "PSK_IDENTITY_NOT_FOUND"},
		"no key":            {client: func(string) (string, []byte, error) { return "me", nil, nil }, server: knows, reason: "PSK_IDENTITY_NOT_FOUND"},
		"a client's error":  {client: func(string) (string, []byte, error) { return "", nil, mine }, server: knows, ours: mine},
		"a server's error":  {client: me, server: func(string) ([]byte, error) { return nil, mine }, theirs: mine},
		"a long identity":   {client: func(string) (string, []byte, error) { return strings.Repeat("x", 129), sharedKey, nil }, server: knows, ours: ErrArgument},
		"a NUL":             {client: func(string) (string, []byte, error) { return "m\x00e", sharedKey, nil }, server: knows, ours: ErrArgument},
		"a client's length": {client: func(string) (string, []byte, error) { return "me", make([]byte, 257), nil }, server: knows, ours: ErrArgument},
		"a server's length": {client: me, server: func(string) ([]byte, error) { return make([]byte, 257), nil }, theirs: ErrArgument},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, ours, theirs := met(t, Config{Ciphers: "PSK", ClientPSK: test.client}, Config{Ciphers: "PSK", ServerPSK: test.server})
			if ours == nil || theirs == nil {
				t.Fatalf("client: %v, server: %v", ours, theirs)
			}
			if test.ours != nil && !errors.Is(ours, test.ours) || test.theirs != nil && !errors.Is(theirs, test.theirs) {
				t.Errorf("client: %v, server: %v", ours, theirs)
			}
			for err, expected := range map[error]string{ours: test.reason, theirs: test.answer} {
				var failed *Error
				if expected != "" && (!errors.As(err, &failed) || failed.Reason != expected) {
					t.Errorf("%v, expected %s", err, expected)
				}
			}
		})
	}
}

func TestPSKImported(t *testing.T) {
	key := PreSharedKey{Identity: "me", Key: sharedKey, Context: "the test"}
	for name, key := range map[string]PreSharedKey{
		"SHA-256": key,
		"SHA-384": {Identity: "me", Key: sharedKey, SHA384: true},
	} {
		c, s, ours, theirs := met(t, Config{PreSharedKeys: []PreSharedKey{key}}, Config{PreSharedKeys: []PreSharedKey{{Identity: "you", Key: sharedKey}, key}})
		if ours != nil || theirs != nil {
			t.Fatalf("%s: client: %v, server: %v", name, ours, theirs)
		}
		echo(t, c, s)
		for _, conn := range []*Conn{c, s} {
			if state := conn.ConnectionState(); state.PSKIdentity != "me" || state.Version != "TLSv1.3" {
				t.Errorf("%+v", state)
			}
		}
	}
	other := key
	other.Context = "another"
	if _, _, ours, theirs := met(t, Config{PreSharedKeys: []PreSharedKey{key}}, Config{PreSharedKeys: []PreSharedKey{other}}); ours == nil || theirs == nil {
		t.Errorf("with another context: client: %v, server: %v", ours, theirs)
	}
}

func TestPSKThatCannotBe(t *testing.T) {
	serverPSK := func(string) ([]byte, error) { return nil, nil }
	for name, test := range map[string]struct {
		make     func(*Config) (*Context, error)
		config   Config
		expected error
	}{
		"a server's function of a client": {NewClientContext, Config{ServerPSK: serverPSK}, ErrArgument},
		"a client's function of a server": {NewServerContext, Config{ClientPSK: me}, ErrArgument},
		"a hint of a client":              {NewClientContext, Config{PSKIdentityHint: "hint"}, ErrArgument},
		"a hint that is too long":         {NewServerContext, Config{PSKIdentityHint: strings.Repeat("x", 129)}, ErrArgument},
		"TLS 1.3 alone":                   {NewClientContext, Config{ClientPSK: me, MinVersion: tls.VersionTLS13}, ErrUnsupported},
		"a short key":                     {NewClientContext, Config{PreSharedKeys: []PreSharedKey{{Identity: "me", Key: sharedKey[:15]}}}, ErrArgument},
		"no identity":                     {NewServerContext, Config{PreSharedKeys: []PreSharedKey{{Key: sharedKey}}}, ErrArgument},
	} {
		if ctx, err := test.make(&test.config); !errors.Is(err, test.expected) {
			t.Errorf("%s: %v", name, err)
			if err == nil {
				ctx.Close()
			}
		}
	}
}
