package tlswrap

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tlswrap/tlswrap/bindings/go/internal/testpki"
)

// secrets gives the pieces of a PEM key, and of a password, as they could stand in a text.
func secrets(pem, password string) (pieces []string) {
	var body strings.Builder
	for _, line := range strings.Split(pem, "\n") {
		if !strings.HasPrefix(line, "-----") {
			body.WriteString(line)
		}
	}
	for i := 0; i+8 <= body.Len(); i++ {
		pieces = append(pieces, body.String()[i:i+8])
	}
	for _, form := range []string{"%d", "% d", "%x", "%X", "%#v", "%q"} {
		inner := strings.Trim(fmt.Sprintf(form, []byte(password)), "[]{}")
		pieces = append(pieces, inner, strings.Trim(fmt.Sprintf(form, []byte(pem[40:60])), "[]{}"))
	}
	return append(pieces, password, strings.TrimPrefix(fmt.Sprintf("%#v", []byte(password)), "[]byte"))
}

func shows(t *testing.T, what, text string, pieces []string) {
	t.Helper()
	for _, piece := range pieces {
		if piece != "" && strings.Contains(text, piece) {
			t.Errorf("%s shows %q: %s", what, piece, text)
			return
		}
	}
}

// What a program logs, by whatever verb, has no keys and passwords.
func TestNothingSecretIsPrinted(t *testing.T) {
	const password = "correct horse"
	own := ownCertificate(testpki.Default().Server)
	own.Password = []byte(password)
	psk := PreSharedKey{Identity: "me", Key: []byte("0123456789abcdef, or so")}
	config := Config{Certificates: []Certificate{own}, PreSharedKeys: []PreSharedKey{psk}}
	ctx, err := NewServerContext(&Config{Certificates: config.Certificates})
	must(err)
	defer ctx.Close()
	pieces := append(secrets(string(own.Key), password), secrets(strings.Repeat("?", 60), string(psk.Key))...)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X"} {
		for what, value := range map[string]any{
			"Config": config, "*Config": &config, "Certificate": own, "*Certificate": &own, "PreSharedKey": psk,
			"Context": ctx, "Dialer": Dialer{Context: ctx}, "*Dialer": &Dialer{Context: ctx},
		} {
			shows(t, what+" by "+verb, fmt.Sprintf(verb, value), pieces)
		}
	}
	if got := fmt.Sprint(ctx, (*Context)(nil)); got != "{tlswrap.Context for a server} <nil>" {
		t.Error(got)
	}
	if got := fmt.Sprintf("%+v", psk); got != `{Identity:"me" Key:(23 bytes) Context:"" SHA384:false}` {
		t.Error(got)
	}
}

// Nor have errors, however a key was damaged, or put where something else belongs.
func TestNothingSecretIsInErrors(t *testing.T) {
	const password = "battery staple"
	pki := testpki.Default()
	key := string(pki.Server.Key)
	pieces := secrets(key, password)
	file := filepath.Join(t.TempDir(), "chain.pem")
	must(os.WriteFile(file, pki.Server.Chain, 0o600))
	mangled := []string{
		strings.ReplaceAll(key, "\n", " "), strings.ReplaceAll(key, "\n", ""), strings.ReplaceAll(key, "\n", `\n`),
		key[:len(key)/2], strings.Replace(key, "PRIVATE", "PRIVAT", 1),
		strings.Replace(key, "-----BEGIN", "-----BEGIN\n", 1), strings.ToLower(key),
	}
	for _, text := range append(mangled, key) {
		for what, config := range map[string]Config{
			"key":      {Certificates: []Certificate{{Chain: pki.Server.Chain, Key: []byte(text), Password: []byte(password)}}},
			"chain":    {Certificates: []Certificate{{Chain: []byte(text), Password: []byte(password)}}},
			"key file": {Certificates: []Certificate{{ChainFile: file, KeyFile: text, Password: []byte(password)}}},
			"file":     {Certificates: []Certificate{{ChainFile: text, Password: []byte(password)}}},
			"CAs":      {CAs: []byte(text)},
			"CA file":  {CAFile: text},
		} {
			_, err := NewServerContext(&config)
			if err == nil {
				if what == "key" && text == key {
					continue
				}
				t.Errorf("%s: %.20q was taken", what, text)
				continue
			}
			var failure *Error
			if !errors.As(err, &failure) {
				t.Errorf("%s: %v", what, err)
			}
			shows(t, what, fmt.Sprintf("%v %+v %#v", err, err, err), pieces)
		}
	}
	if !bytes.Contains(pki.Server.Key, []byte(pieces[0])) {
		t.Error("these are no pieces of the key")
	}
}
