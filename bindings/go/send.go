package tlswrap

// #include "native.h"
import "C"

import (
	"sync"
	"sync/atomic"
	"time"
)

// Room for what is for the peer: four records and what goes with them. Connections that have
// nothing to send hold none.
var buffers = sync.Pool{New: func() any {
	room := make([]byte, 4*(16384+256))
	return &room
}}

// send writes b to the connection below, after what it did not take before, and keeps what it does
// not take now. The caller holds writing, as for all of this file.
func (c *Conn) send(b []byte) error {
	if len(c.unsent) > 0 {
		c.unsent = append(c.unsent, b...)
		return c.resend()
	}
	if len(b) == 0 {
		return nil
	}
	n, err := c.raw.Write(b)
	if n < len(b) {
		c.unsent = append(c.unsent, b[n:]...)
	}
	return err
}

func (c *Conn) resend() error {
	if len(c.unsent) == 0 {
		return nil
	}
	n, err := c.raw.Write(c.unsent)
	if c.unsent = c.unsent[n:]; len(c.unsent) == 0 {
		c.unsent = nil
	}
	return err
}

// drain sends what is in the pipe, as much as there is room for, and tells how much is left.
func (c *Conn) drain(room []byte) (C.size_t, error) {
	if err := c.native.enter(); err != nil {
		return 0, err
	}
	defer c.native.leave()
	to, toLen := pointer(room)
	step := C.go_drain(c.native.number(), to, toLen)
	return step.left, c.send(room[:step.drained])
}

// flush sends what a step of a reader left in the pipe. It never waits for a writer: whoever holds
// writing looks at owed after letting go, so nothing is forgotten.
func (c *Conn) flush() error {
	for c.owed.Load() {
		if !c.writing.TryLock() {
			return nil
		}
		c.owed.Store(false)
		err := c.drainAll()
		c.writing.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Conn) drainAll() error {
	room := buffers.Get().(*[]byte)
	defer buffers.Put(room)
	for {
		if left, err := c.drain(*room); left == 0 || err != nil {
			return err
		}
	}
}

// A deadline is remembered beside that of the connection below, which does the waiting: what needs
// no waiting must not go on after it either.
type deadline struct{ at atomic.Int64 }

func (d *deadline) set(t time.Time) {
	if t.IsZero() {
		d.at.Store(0)
	} else {
		d.at.Store(t.UnixNano())
	}
}

func (d *deadline) passed() bool {
	at := d.at.Load()
	return at != 0 && at <= time.Now().UnixNano()
}

// SetDeadline sets both deadlines. One in the past interrupts who waits.
func (c *Conn) SetDeadline(t time.Time) error {
	c.readDeadline.set(t)
	c.writeDeadline.set(t)
	return c.raw.SetDeadline(t)
}

// SetReadDeadline sets until when Read waits.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.readDeadline.set(t)
	return c.raw.SetReadDeadline(t)
}

// SetWriteDeadline sets until when Write waits.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.writeDeadline.set(t)
	return c.raw.SetWriteDeadline(t)
}
