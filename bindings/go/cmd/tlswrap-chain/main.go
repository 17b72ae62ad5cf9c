// Command tlswrap-chain shows the certificate chain of a TLS server, as it was sent and as it was
// verified: one JSON object on one line, the same bytes as `tlswrap-chain --json` of the C library.
//
//	go run ./cmd/tlswrap-chain HOST[:PORT] [OPTION]...
//
// The exit status is 0 if the server was verified (or with --insecure), 1 if verification failed, 2
// for wrong usage, 3 for no connection or no TLS.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/tlswrap/tlswrap/bindings/go"
)

const (
	verified = iota
	unverified
	usage
	noTLS
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

type options struct {
	host, port string
	serverName string
	config     tlswrap.Config
	timeout    time.Duration
}

func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return usage
	}
	text, outcome, err := o.report()
	if err != nil {
		fmt.Fprintf(stderr, "tlswrap-chain: %s\n", strings.TrimPrefix(err.Error(), "tlswrap: "))
	}
	if text != "" {
		if _, err := io.WriteString(stdout, text); err != nil {
			fmt.Fprintf(stderr, "tlswrap-chain: cannot write the answer: %v\n", err)
			return noTLS
		}
	}
	return outcome
}

func parse(args []string, stderr io.Writer) (*options, error) {
	o := &options{port: "443"}
	flags := flag.NewFlagSet("tlswrap-chain", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, "Usage: tlswrap-chain HOST[:PORT] [OPTION]...\n")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.serverName, "servername", "", "ask for and verify `NAME` instead of HOST")
	flags.StringVar(&o.config.CAFile, "cafile", "", "trust the certificates of `FILE` instead of the system's")
	flags.Func("min-tls", "refuse older versions of TLS than `1.2|1.3`", func(text string) error {
		o.config.MinVersion = map[string]uint16{"1.2": 0x0303, "1.3": 0x0304}[text]
		if o.config.MinVersion == 0 {
			return errors.New("expected 1.2 or 1.3")
		}
		return nil
	})
	flags.Func("alpn", "offer these protocols, for example `h2,http/1.1`", func(text string) error {
		o.config.NextProtos = strings.Split(text, ",")
		return nil
	})
	flags.DurationVar(&o.timeout, "timeout", 10*time.Second, "for connecting and handshake together")
	flags.BoolVar(&o.config.InsecureSkipVerify, "insecure", false, "do not fail when verification does; only say so")
	flags.Bool("json", true, "one object; there is no other form")

	// Options may stand before the host and after it.
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	target := flags.Arg(0)
	if flags.NArg() > 0 {
		if err := flags.Parse(flags.Args()[1:]); err != nil {
			return nil, err
		}
	}
	if target == "" || flags.NArg() > 0 {
		flags.Usage()
		return nil, errors.New("expected one host")
	}
	return o, o.target(target, stderr)
}

// target takes HOST, HOST:PORT, [IPV6], [IPV6]:PORT, or an IPv6 address alone.
func (o *options) target(text string, stderr io.Writer) error {
	o.host = text
	if host, port, err := net.SplitHostPort(text); err == nil {
		o.host, o.port = host, port
	} else if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		o.host = text[1 : len(text)-1]
	}
	if port, err := strconv.ParseUint(o.port, 10, 16); err != nil || port == 0 {
		fmt.Fprintf(stderr, "tlswrap-chain: PORT: expected a number from 1 to 65535, got %q\n", o.port)
		return errors.New("no port")
	}
	if o.serverName == "" {
		o.serverName = o.host
	}
	return nil
}

// report is what is printed, if anything, and the exit status. There may be both an answer and an
// error: a server that was refused.
func (o *options) report() (string, int, error) {
	settings, err := tlswrap.NewClientContext(&o.config)
	if err != nil {
		return "", usage, err
	}
	defer settings.Close()
	ctx, cancel := context.WithTimeout(context.Background(), o.timeout)
	defer cancel()
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(o.host, o.port))
	if err != nil {
		return "", noTLS, err
	}
	defer raw.Close()
	conn, err := tlswrap.Client(raw, settings, o.serverName)
	if err != nil {
		return "", usage, err
	}
	defer conn.Close()
	failed := conn.HandshakeContext(ctx)
	state := conn.ConnectionState()
	if failed != nil && len(state.PeerCertificates) == 0 {
		return "", noTLS, failed
	}
	facts, err := conn.Report()
	if err != nil {
		return "", noTLS, err
	}
	// The report without its opening brace, after what the library does not know.
	text := fmt.Sprintf("{\"host\": %s, \"port\": %s, %s\n", quote(o.host), o.port, facts[1:])
	switch {
	case failed == nil && (o.config.InsecureSkipVerify || state.VerifiedChain != nil):
		return text, verified, nil
	case failed == nil || errors.Is(failed, tlswrap.ErrVerify):
		return text, unverified, failed
	}
	return text, noTLS, failed
}

// quote writes a string as Python's json.dumps does: nothing but ASCII.
func quote(s string) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // strings always can be
	var quoted strings.Builder
	for _, r := range strings.TrimSuffix(text.String(), "\n") {
		if r < 0x7f {
			quoted.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&quoted, "\\u%04x", unit)
		}
	}
	return quoted.String()
}
