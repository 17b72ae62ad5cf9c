// Command scenarios makes every connection of tests/conformance/scenarios.tsv and prints what a Go
// program observes; the README beside the table says what that is.
//
//	go run ./internal/scenarios TABLE DIR
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/tlswrap/tlswrap/bindings/go"
)

const (
	client = "client"
	server = "server"
)

var hello = map[string]string{client: "hello from the client", server: "hello from the server"}

type scenario struct {
	name     string
	settings map[string]string
	dir      string
	sessions tlswrap.SessionCache
	out      io.Writer
}

type end struct {
	conn            *tlswrap.Conn
	raw             net.Conn
	handshake, talk error
	talked          bool
	end             error
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: scenarios TABLE DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "scenarios:", err)
		os.Exit(2)
	}
}

func run(table, dir string) error {
	text, err := os.ReadFile(table)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	for line := range strings.Lines(string(text)) {
		if line == "\n" || strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.Split(line, "\t")
		s := scenario{name: columns[0], settings: map[string]string{}, dir: dir, out: out}
		for _, setting := range strings.Fields(columns[1]) {
			key, value, _ := strings.Cut(setting, "=")
			s.settings[key] = value
		}
		if err := s.observe(); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return out.Flush()
}

func (s *scenario) observe() error {
	if s.settings["resume"] != "" {
		s.sessions = tlswrap.NewLRUSessionCache(1)
	}
	clients, err := tlswrap.NewClientContext(s.config(client))
	if err != nil {
		return err
	}
	defer clients.Close()
	config := s.config(server)
	if name, cert, ok := strings.Cut(s.settings["server.sni"], ":"); ok {
		chosen := *config
		chosen.Certificates = s.certificate(cert)
		other, err := tlswrap.NewServerContext(&chosen)
		if err != nil {
			return err
		}
		defer other.Close()
		config.GetContext = func(hello *tlswrap.ClientHello) (*tlswrap.Context, error) {
			if hello.ServerName == name {
				return other, nil
			}
			return nil, nil
		}
	}
	servers, err := tlswrap.NewServerContext(config)
	if err != nil {
		return err
	}
	defer servers.Close()
	if s.sessions != nil {
		first, err := s.connect(clients, servers)
		if err != nil {
			return err
		}
		disconnect(first)
	}
	ends, err := s.connect(clients, servers)
	if err != nil {
		return err
	}
	defer disconnect(ends)
	part(ends)
	if err := s.tell(client, ends[client]); err != nil {
		return err
	}
	if err := s.tell(server, ends[server]); err != nil {
		return err
	}
	s.tellSecrets(ends)
	return nil
}

func (s *scenario) config(side string) *tlswrap.Config {
	get := func(key string) string { return s.settings[side+"."+key] }
	file := func(name string) string { return filepath.Join(s.dir, name) }
	versions := map[string]uint16{"1.2": 0x0303, "1.3": 0x0304}
	config := &tlswrap.Config{
		MinVersion: versions[get("min")],
		MaxVersion: versions[get("max")],
		Groups:     get("groups"),
		Ciphers:    get("ciphers"),
	}
	if name := get("cert"); name != "" {
		config.Certificates = s.certificate(name)
	}
	if name := get("ca"); name != "" {
		config.CAFile = file(name)
	}
	if list := get("alpn"); list != "" {
		config.NextProtos = strings.Split(list, ",")
	}
	switch mode := get("verify"); {
	case side == client:
		config.InsecureSkipVerify = mode == "none"
		config.SessionCache = s.sessions
	case mode == "optional":
		config.ClientAuth = tlswrap.VerifyClientCertIfGiven
	case mode == "required":
		config.ClientAuth = tlswrap.RequireAndVerifyClientCert
	}
	return config
}

func (s *scenario) certificate(name string) []tlswrap.Certificate {
	path := filepath.Join(s.dir, name)
	return []tlswrap.Certificate{{ChainFile: path + ".chain.pem", KeyFile: path + ".key.pem"}}
}

// connect makes a connection, and both ends of it shake hands and talk.
func (s *scenario) connect(clients, servers *tlswrap.Context) (map[string]*end, error) {
	ends := map[string]*end{client: {}, server: {}}
	ends[client].raw, ends[server].raw = net.Pipe()
	var err error
	if ends[client].conn, err = tlswrap.Client(ends[client].raw, clients, s.settings["client.name"]); err != nil {
		return nil, err
	}
	if ends[server].conn, err = tlswrap.Server(ends[server].raw, servers); err != nil {
		return nil, err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		ends[server].speak(hello[server], true)
	}()
	ends[client].speak(hello[client], false)
	<-done
	for side, other := range map[string]string{client: server, server: client} {
		if heard := ends[side].talked && ends[side].talk == nil; heard && !ends[other].talked {
			return nil, errors.New("one end talked to nobody")
		}
	}
	return ends, nil
}

// speak shakes hands, and says and hears one sentence.
func (e *end) speak(text string, first bool) {
	if e.handshake = e.conn.Handshake(); e.handshake != nil {
		e.raw.Close()
		return
	}
	e.talked = true
	if first {
		_, e.talk = e.conn.Write([]byte(text))
	}
	if e.talk == nil {
		_, e.talk = io.ReadFull(e.conn, make([]byte, len(text)))
	}
	if e.talk == nil && !first {
		_, e.talk = e.conn.Write([]byte(text))
	}
}

// part says the client's goodbye, and cuts the server's transport without one.
func part(ends map[string]*end) {
	for _, end := range ends {
		if !end.talked || end.talk != nil {
			return
		}
	}
	done := make(chan error)
	go func() { done <- ends[client].conn.CloseWrite() }()
	_, ends[server].end = ends[server].conn.Read(make([]byte, 1))
	<-done
	ends[server].raw.Close()
	_, ends[client].end = ends[client].conn.Read(make([]byte, 1))
}

func disconnect(ends map[string]*end) {
	for _, end := range ends {
		end.raw.Close()
		end.conn.Close()
	}
}

func (s *scenario) put(key string, value any) {
	if value == "" {
		value = "-"
	}
	fmt.Fprintf(s.out, "%s\t%s\t%v\n", s.name, key, value)
}

func (s *scenario) tell(side string, e *end) error {
	put := func(key string, value any) { s.put(side+"."+key, value) }
	s.tellOutcome(side, "handshake", e.handshake)
	if e.talked {
		s.tellOutcome(side, "talk", e.talk)
	}
	if e.end != nil {
		put("end", status(e.end))
	}
	state := e.conn.ConnectionState()
	put("version", state.Version)
	put("cipher", state.CipherSuite)
	put("group", state.Group)
	put("alpn", state.NegotiatedProtocol)
	resumed := 0
	if state.DidResume {
		resumed = 1
	}
	put("resumed", resumed)
	put("sent", len(state.PeerCertificates))
	put("verified", len(state.VerifiedChain))
	report, err := e.conn.Report()
	put("report", string(report))
	return err
}

func (s *scenario) tellOutcome(side, step string, err error) {
	put := func(key string, value any) { s.put(side+"."+step+key, value) }
	put("", status(err))
	var failed *tlswrap.Error
	if !errors.As(err, &failed) {
		return
	}
	put(".reason", failed.Reason)
	if step == "handshake" {
		code, depth := 0, -1
		var refused *tlswrap.VerifyError
		if errors.As(err, &refused) {
			code, depth = refused.Code, refused.Depth
		}
		put(".verify_error", code)
		put(".verify_depth", depth)
	}
	put(".alert", failed.Alert)
	put(".message", failed.Message)
}

// status is C's name for an outcome.
func status(err error) string {
	var failed *tlswrap.Error
	switch {
	case err == nil:
		return "TLSW_OK"
	case err == io.EOF:
		return "TLSW_CLOSED"
	case errors.As(err, &failed):
		return failed.Status.String()
	}
	return err.Error()
}

func (s *scenario) tellSecrets(ends map[string]*end) {
	if ends[client].handshake != nil || ends[server].handshake != nil {
		return
	}
	ours, theirs := ends[client].conn.ConnectionState(), ends[server].conn.ConnectionState()
	for _, kind := range []string{"tls-unique", "tls-server-end-point", "tls-exporter"} {
		s.tellShared(kind, func(state *tlswrap.ConnectionState) ([]byte, error) { return state.ChannelBinding(kind) }, &ours, &theirs)
	}
	s.tellShared("exported", func(state *tlswrap.ConnectionState) ([]byte, error) {
		return state.ExportKeyingMaterial("EXPORTER-tlswrap-scenarios", nil, 32)
	}, &ours, &theirs)
}

func (s *scenario) tellShared(key string, get func(*tlswrap.ConnectionState) ([]byte, error), ours, theirs *tlswrap.ConnectionState) {
	one, err := get(ours)
	other, _ := get(theirs)
	switch {
	case err != nil:
		s.put(key, status(err))
	case one == nil:
		s.put(key, "-")
	case bytes.Equal(one, other):
		s.put(key, "equal")
	default:
		s.put(key, "differ")
	}
}
