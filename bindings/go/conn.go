package tlswrap

// #include "native.h"
import "C"

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// How long Close waits for a peer that does not take the goodbye.
const goodbyeTimeout = 5 * time.Second

// A Conn is a TLS connection over any net.Conn, and a net.Conn itself. Any goroutines may read,
// write, set deadlines and close at once.
//
// The first Read or Write shakes hands. Close must be called, and closes the connection below.
type Conn struct {
	raw     net.Conn
	native  *handle // of a go_conn
	closing atomic.Bool
	cleanup runtime.Cleanup
	hooks   *hooks // nil if the context has none

	handshaking  sync.Mutex
	handshaken   atomic.Bool
	handshakeErr error // of the library; what the connection below says may pass

	reading sync.Mutex // held while reading from raw
	came    []byte     // room for what is read from raw
	hungry  bool       // nothing more can be read before something comes

	writing sync.Mutex  // held while writing to raw
	unsent  []byte      // what raw did not take before a deadline
	owed    atomic.Bool // bytes for the peer may be in the pipe, and nobody is sending them

	readDeadline, writeDeadline deadline

	asking sync.Mutex
	over   atomic.Bool // the handshake has ended
	state  *facts      // what was known when it was asked for
}

var _ net.Conn = (*Conn)(nil)

// Client makes a client's connection over raw. serverName is what the server's certificate must
// carry: a DNS name, which may be international, or an address. A nil ctx is a context with the
// defaults. Nothing is sent yet.
func Client(raw net.Conn, ctx *Context, serverName string) (*Conn, error) {
	if ctx == nil {
		var err error
		if ctx, err = defaultClient(); err != nil {
			return nil, err
		}
	}
	return newConn(raw, ctx, C.TLSW_CLIENT, serverName)
}

// Server makes a server's connection over raw.
func Server(raw net.Conn, ctx *Context) (*Conn, error) {
	return newConn(raw, ctx, C.TLSW_SERVER, "")
}

func newConn(raw net.Conn, ctx *Context, role C.uint32_t, serverName string) (*Conn, error) {
	var name *C.char
	if serverName != "" {
		name = C.CString(serverName)
		defer C.free(unsafe.Pointer(name))
	}
	if err := ctx.native.enter(); err != nil {
		return nil, err
	}
	defer ctx.native.leave()
	var err C.tlsw_error
	native := C.go_conn_new((*C.tlsw_ctx)(ctx.native.object), role, name, &err)
	if native == nil {
		return nil, failure(&err)
	}
	c := &Conn{raw: raw, native: &handle{object: unsafe.Pointer(native), free: func(object unsafe.Pointer) {
		C.go_conn_free((*C.go_conn)(object))
	}}}
	c.cleanup = onLoss(c, c.native)
	if err := c.prepare(ctx, native.conn, serverName); err != nil {
		c.release()
		return nil, err
	}
	return c, nil
}

// Handshake shakes hands; done already, it does nothing. Reading and writing do it by themselves,
// but only here is a verdict on the peer had before a byte is sent.
func (c *Conn) Handshake() error { return c.HandshakeContext(context.Background()) }

// HandshakeContext is Handshake until ctx is done. Then the connection below is closed, and the
// error is that of ctx.
func (c *Conn) HandshakeContext(ctx context.Context) (err error) {
	if c.handshaken.Load() {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { c.raw.Close() })
	defer func() {
		if !stop() {
			err = ctx.Err()
		}
	}()
	c.handshaking.Lock()
	defer c.handshaking.Unlock()
	if c.handshaken.Load() || c.handshakeErr != nil {
		return c.handshakeErr
	}
	err = c.shake()
	if final := (*Error)(nil); errors.As(err, &final) || c.hooks.failed() {
		c.handshakeErr = err
	}
	c.over.Store(err == nil || c.handshakeErr != nil)
	c.handshaken.Store(err == nil)
	return err
}

// shake drives the handshake to its end.
func (c *Conn) shake() error {
	c.reading.Lock()
	defer c.reading.Unlock()
	var came []byte
	for {
		step, err := c.shakeOnce(came)
		if err != nil || step.status == C.TLSW_OK {
			return err
		}
		if came, err = c.receive(); err != nil {
			return err
		}
	}
}

// shakeOnce feeds the handshake, and sends what it has for the peer: an alert too, if it failed.
func (c *Conn) shakeOnce(came []byte) (C.go_step, error) {
	if err := c.native.enter(); err != nil {
		return C.go_step{}, err
	}
	defer c.native.leave()
	room := buffers.Get().(*[]byte)
	defer buffers.Put(room)
	from, fromLen := pointer(came)
	to, toLen := pointer(*room)

	c.writing.Lock()
	defer c.writing.Unlock()
	step := C.go_handshake(c.native.number(), from, fromLen, to, toLen)
	sendErr := c.send((*room)[:step.drained])
	for step.left > 0 && sendErr == nil {
		step.left, sendErr = c.drain(*room)
	}
	if err := c.failure(&step); err != nil {
		return step, err
	}
	return step, sendErr
}

// receive reads from the connection below and gives what came; at its end nothing, and the library
// knows.
func (c *Conn) receive() ([]byte, error) {
	if c.came == nil {
		c.came = make([]byte, 4<<10)
	}
	n, err := c.raw.Read(c.came)
	came := c.came[:n]
	switch {
	case n == len(c.came) && n < 64<<10:
		c.came = make([]byte, 4*n) // there is more to come
	case n == 0 && err == io.EOF:
		return nil, c.end()
	case n == 0 && err != nil:
		return nil, err
	}
	return came, nil
}

func (c *Conn) end() error {
	if err := c.native.enter(); err != nil {
		return err
	}
	defer c.native.leave()
	var err C.tlsw_error
	return failureOf(C.tlsw_bio_write_eof((*C.go_conn)(c.native.object).incoming, &err), &err)
}

// Read reads what has come; it shakes hands first if need be. After the peer's goodbye the error is
// io.EOF; if it left without one, io.ErrUnexpectedEOF, wrapped.
func (c *Conn) Read(b []byte) (int, error) {
	if err := c.Handshake(); err != nil {
		return 0, err
	}
	if len(b) == 0 {
		return 0, nil
	}
	c.reading.Lock()
	defer c.reading.Unlock()
	if c.readDeadline.passed() {
		return 0, os.ErrDeadlineExceeded
	}
	var came []byte
	for {
		if c.hungry {
			var err error
			if came, err = c.receive(); err != nil {
				return 0, err
			}
		}
		step, err := c.readOnce(came, b)
		c.hungry = step.hungry != 0
		if step.left > 0 {
			c.owed.Store(true)
			if sendErr := c.flush(); err == nil && step.n == 0 {
				err = sendErr
			}
		}
		if err != nil || step.n > 0 {
			return int(step.n), err
		}
		if step.status == C.TLSW_CLOSED {
			return 0, io.EOF
		}
	}
}

func (c *Conn) readOnce(came, b []byte) (C.go_step, error) {
	if err := c.native.enter(); err != nil {
		return C.go_step{}, err
	}
	defer c.native.leave()
	from, fromLen := pointer(came)
	to, toLen := pointer(b)
	step := C.go_read(c.native.number(), from, fromLen, to, toLen)
	return step, c.failure(&step)
}

// Write encrypts and sends b; it shakes hands first if need be. After a deadline the connection is
// sound: what Write counted has left, or leaves before anything else does.
func (c *Conn) Write(b []byte) (int, error) {
	if err := c.Handshake(); err != nil {
		return 0, err
	}
	written, err := c.writeAll(b)
	if flushErr := c.flush(); err == nil {
		err = flushErr
	}
	return written, err
}

func (c *Conn) writeAll(b []byte) (written int, err error) {
	room := buffers.Get().(*[]byte)
	defer buffers.Put(room)
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.writeDeadline.passed() {
		return 0, os.ErrDeadlineExceeded
	}
	if err := c.resend(); err != nil {
		return 0, err
	}
	for written < len(b) {
		step, err := c.writeOnce(b[written:], *room)
		written += int(step.n)
		if sendErr := c.send((*room)[:step.drained]); err == nil {
			err = sendErr
		}
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

func (c *Conn) writeOnce(b, room []byte) (C.go_step, error) {
	if err := c.native.enter(); err != nil {
		return C.go_step{}, err
	}
	defer c.native.leave()
	from, fromLen := pointer(b)
	to, toLen := pointer(room)
	step := C.go_write(c.native.number(), from, fromLen, to, toLen)
	if err := c.failure(&step); err != nil || step.status == C.TLSW_OK {
		return step, err
	}
	return step, takeFailure(&step) // it waits for the peer, which it need not without renegotiation
}

// CloseWrite says goodbye to the peer, which reads io.EOF; reading goes on.
func (c *Conn) CloseWrite() error {
	if !c.handshaken.Load() {
		return &Error{Status: ErrState, Message: "there is nothing to close before the handshake is done", Alert: -1}
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.sayGoodbye()
}

func (c *Conn) sayGoodbye() error {
	if err := c.native.enter(); err != nil {
		return err
	}
	defer c.native.leave()
	if err := c.resend(); err != nil {
		return err
	}
	room := buffers.Get().(*[]byte)
	defer buffers.Put(room)
	to, toLen := pointer(*room)
	step := C.go_shutdown(c.native.number(), to, toLen)
	err := c.failure(&step)
	if sendErr := c.send((*room)[:step.drained]); err == nil {
		err = sendErr
	}
	return err
}

// Close says goodbye, unless a Write is in the middle of its way, and closes the connection below.
// Reads and writes that run end with net.ErrClosed. ConnectionState answers as before.
func (c *Conn) Close() error {
	if c.closing.Swap(true) {
		return net.ErrClosed
	}
	if c.handshaken.Load() && c.writing.TryLock() {
		// Who is not there to take it need not hear it.
		c.raw.SetWriteDeadline(time.Now().Add(goodbyeTimeout))
		_ = c.sayGoodbye()
		c.writing.Unlock()
	}
	c.asking.Lock()
	c.keepState()
	c.asking.Unlock()
	c.release()
	return c.raw.Close()
}

// release lets go of what is C's.
func (c *Conn) release() {
	c.cleanup.Stop()
	c.native.close()
}

// NetConn is the connection below. Reading from it or writing to it breaks this one.
func (c *Conn) NetConn() net.Conn { return c.raw }

// LocalAddr is that of the connection below.
func (c *Conn) LocalAddr() net.Addr { return c.raw.LocalAddr() }

// RemoteAddr is that of the connection below.
func (c *Conn) RemoteAddr() net.Addr { return c.raw.RemoteAddr() }

// failure is the error of a step: that of a function of the caller's, if one ended the handshake.
func (c *Conn) failure(step *C.go_step) error {
	own := c.hooks.end()
	switch step.status {
	case C.TLSW_OK, C.TLSW_WANT_READ, C.TLSW_CLOSED:
		return nil
	}
	err := takeFailure(step)
	if c.closing.Load() {
		return net.ErrClosed // after our goodbye
	}
	if own != nil {
		return own
	}
	if refused, ok := err.(*VerifyError); ok {
		refused.Certificate = failedCertificate((*C.go_conn)(c.native.object).conn)
	}
	return err
}
