package tlswrap

// #include "native.h"
import "C"

import (
	"crypto/x509"
	"io"
	"syscall"
	"unsafe"
)

// A Status is what a call of the library came to. It is an error itself, so that
//
//	errors.Is(err, tlswrap.ErrTLS)
//
// asks for the kind of a failure.
type Status int32

// The statuses of failures; the C header says what each means.
const (
	ErrArgument    Status = C.TLSW_ERR_ARGUMENT
	ErrState       Status = C.TLSW_ERR_STATE
	ErrBusy        Status = C.TLSW_ERR_BUSY
	ErrIO          Status = C.TLSW_ERR_IO
	ErrTimeout     Status = C.TLSW_ERR_TIMEOUT
	ErrEOF         Status = C.TLSW_ERR_EOF
	ErrTLS         Status = C.TLSW_ERR_TLS
	ErrVerify      Status = C.TLSW_ERR_VERIFY
	ErrDecode      Status = C.TLSW_ERR_DECODE
	ErrHook        Status = C.TLSW_ERR_HOOK
	ErrUnsupported Status = C.TLSW_ERR_UNSUPPORTED
	ErrMemory      Status = C.TLSW_ERR_MEMORY
	ErrPanic       Status = C.TLSW_ERR_PANIC
)

// String is the status's name in C: "TLSW_ERR_VERIFY".
func (s Status) String() string { return text(C.tlsw_status_name(C.tlsw_status(s))) }

func (s Status) Error() string { return "tlswrap: " + s.String() }

// An Error is a failure that the library reports. Programs decide on Status, Alert and Reason;
// the words of Message may change.
//
// What comes from the connection below, timeouts among it, is passed on as it is and is not an
// Error.
type Error struct {
	Status  Status
	Library string        // the part of BoringSSL: "SSL", "X509"; "" if none
	Reason  string        // the mnemonic: "WRONG_VERSION_NUMBER"; "" if none
	Message string        // one line for people
	Alert   int           // the TLS alert that was sent or received, -1 if none
	Code    uint32        // BoringSSL's number, for logs
	Errno   syscall.Errno // of a system call that failed, 0 if none
}

func (e *Error) Error() string { return "tlswrap: " + e.Message }

// Is tells whether target is the error's Status.
func (e *Error) Is(target error) bool { return target == e.Status }

// Unwrap is io.ErrUnexpectedEOF if the peer left without a goodbye, and the error number of a
// system call that failed.
func (e *Error) Unwrap() error {
	switch {
	case e.Status == ErrEOF:
		return io.ErrUnexpectedEOF
	case e.Errno != 0:
		return e.Errno
	}
	return nil
}

// A VerifyError says why the peer's certificate was refused. It wraps the Error of the call.
type VerifyError struct {
	Code        int               // the number of the check that failed: X509_V_ERR_*
	Depth       int               // where in the chain: 0 is the peer's own certificate
	Certificate *x509.Certificate // the one at which it failed; nil if there is none
	Reason      string            // in a few words: "certificate has expired"
	Err         *Error
}

func (e *VerifyError) Error() string { return e.Err.Error() }

// Unwrap is the Error of the call.
func (e *VerifyError) Unwrap() error { return e.Err }

// failure is a tlsw_error as Go's errors are.
func failure(err *C.tlsw_error) error {
	e := &Error{
		Status:  Status(err.status),
		Library: C.GoString(&err.library[0]),
		Reason:  C.GoString(&err.reason[0]),
		Message: C.GoString(&err.message[0]),
		Alert:   int(err.alert),
		Code:    uint32(err.code),
		Errno:   syscall.Errno(err.os_error),
	}
	if err.status != C.TLSW_ERR_VERIFY {
		return e
	}
	return &VerifyError{
		Code:   int(err.verify_error),
		Depth:  int(err.verify_depth),
		Reason: text(C.tlsw_verify_error_string(err.verify_error)),
		Err:    e,
	}
}

// failureOf is the error of a status: nil unless it is negative.
func failureOf(status C.tlsw_status, err *C.tlsw_error) error {
	if status >= 0 {
		return nil
	}
	return failure(err)
}

// takeFailure is the error that a step left, which is freed.
func takeFailure(step *C.go_step) error {
	if step.err == nil {
		// Out of memory, or a status that steps over memory do not come to.
		return &Error{Status: Status(step.status), Message: Status(step.status).String(), Alert: -1}
	}
	defer C.free(unsafe.Pointer(step.err))
	return failure(step.err)
}
