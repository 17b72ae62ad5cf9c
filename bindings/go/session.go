package tlswrap

// #include "native.h"
import "C"

import (
	"container/list"
	"sync"
	"unsafe"
)

// A Session is what a connection leaves for a later one of the same context to resume. It holds
// secrets.
type Session struct{ native *handle }

func newSession(native *C.tlsw_session) *Session {
	s := &Session{&handle{object: unsafe.Pointer(native), free: func(object unsafe.Pointer) {
		C.tlsw_session_free((*C.tlsw_session)(object))
	}}}
	onLoss(s, s.native)
	return s
}

// Bytes is the session, for Context.ParseSession. The bytes must be kept from being read as well as
// from being written: who reads them can decrypt the connections that resume the session, and who
// writes them can be the server of such a connection. Seal protects them.
func (s *Session) Bytes() ([]byte, error) {
	return s.bytes(nil)
}

// Seal is the session, for Context.OpenSession with the same key, which nobody can guess: encrypted
// and authenticated with it. The bytes may be kept anywhere.
func (s *Session) Seal(key [32]byte) ([]byte, error) {
	return s.bytes(&key)
}

func (s *Session) bytes(key *[32]byte) ([]byte, error) {
	if err := s.native.enter(); err != nil {
		return nil, err
	}
	defer s.native.leave()
	var buf C.tlsw_buf
	var err C.tlsw_error
	if status := C.tlsw_session_to_bytes((*C.tlsw_session)(s.native.object), sealing(key), &buf, &err); status < 0 {
		return nil, failure(&err)
	}
	return taken(&buf), nil
}

func sealing(key *[32]byte) *C.uint8_t {
	if key == nil {
		return nil
	}
	return (*C.uint8_t)(&key[0])
}

// ParseSession makes a session of the context from the bytes that Session.Bytes gave. They must have
// been kept from being written: whoever wrote them can be the server of connections that resume it.
// It takes none that were sealed.
func (c *Context) ParseSession(data []byte) (*Session, error) {
	return c.session(data, nil)
}

// OpenSession makes a session of the context from the bytes that Session.Seal gave, and from no
// others: the error is ErrDecode for another key, and for bytes that were altered or never sealed.
func (c *Context) OpenSession(data []byte, key [32]byte) (*Session, error) {
	return c.session(data, &key)
}

func (c *Context) session(data []byte, key *[32]byte) (*Session, error) {
	if err := c.native.enter(); err != nil {
		return nil, err
	}
	defer c.native.leave()
	from, size := pointer(data)
	var session *C.tlsw_session
	var err C.tlsw_error
	status := C.tlsw_session_from_bytes((*C.tlsw_ctx)(c.native.object), from, size, sealing(key), &session, &err)
	if status < 0 {
		return nil, failure(&err)
	}
	return newSession(session), nil
}

// A SessionCache keeps sessions by the server they are of. Any goroutine may call it.
type SessionCache interface {
	// Get is the session for a server, if there is one.
	Get(key string) (*Session, bool)
	// Put keeps the newest session of a server.
	Put(key string, session *Session)
}

// NewLRUSessionCache makes a cache of at most capacity sessions, which forgets the one that was used
// longest ago. One of less than 1 has room for 64.
func NewLRUSessionCache(capacity int) SessionCache {
	if capacity < 1 {
		capacity = 64
	}
	return &lru{capacity: capacity, byKey: map[string]*list.Element{}}
}

type lru struct {
	mu       sync.Mutex
	capacity int
	used     list.List // of lruEntry, the newest in front
	byKey    map[string]*list.Element
}

type lruEntry struct {
	key     string
	session *Session
}

func (c *lru) Get(key string) (*Session, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := c.byKey[key]
	if found == nil {
		return nil, false
	}
	c.used.MoveToFront(found)
	return found.Value.(lruEntry).session, true
}

func (c *lru) Put(key string, session *Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if found := c.byKey[key]; found != nil {
		found.Value = lruEntry{key, session}
		c.used.MoveToFront(found)
		return
	}
	c.byKey[key] = c.used.PushFront(lruEntry{key, session})
	if c.used.Len() > c.capacity {
		oldest := c.used.Back()
		delete(c.byKey, c.used.Remove(oldest).(lruEntry).key)
	}
}

// resume lets a client's connection resume a session, if it can be.
func resume(conn *C.tlsw_conn, session *Session) {
	if session.native.enter() != nil {
		return
	}
	defer session.native.leave()
	// One of another context is none: the handshake is a full one.
	_ = C.tlsw_conn_set_session(conn, (*C.tlsw_session)(session.native.object), nil)
}
