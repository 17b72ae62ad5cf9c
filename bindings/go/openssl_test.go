package tlswrap

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tlswrap/tlswrap/bindings/go/internal/testpki"
)

// An OpenSSL server of TLS 1.2 asks for a new handshake in the middle of a connection: it is refused.
func TestRenegotiation(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	own := testpki.Default().Server
	file := filepath.Join(t.TempDir(), "server.pem")
	must(os.WriteFile(file, append(append([]byte{}, own.Chain...), own.Key...), 0o600))
	server := exec.Command("openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", file, "-cert_chain", file, "-tls1_2", "-naccept", "1")
	in, err := server.StdinPipe()
	must(err)
	out, err := server.StdoutPipe()
	must(err)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Wait()
	defer server.Process.Kill()
	lines := bufio.NewReader(out)
	var addr string
	for addr == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if _, at, ok := strings.Cut(line, "ACCEPT "); ok {
			addr = strings.TrimSpace(at)
		}
	}
	raw, err := net.Dial("tcp", addr)
	must(err)
	conn, err := Client(raw, clientContext(t, Config{}), "localhost")
	must(err)
	defer conn.Close()
	must(conn.Handshake())

	fmt.Fprintf(conn, "a line\n")
	for line := ""; line != "a line\n"; {
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintf(in, "r\n") // has the server ask for a new handshake
	var refusal *Error
	if _, err := conn.Read(make([]byte, 1)); !errors.As(err, &refusal) || refusal.Reason != "NO_RENEGOTIATION" {
		t.Errorf("it was answered with %v", err)
	}
}
