// SPDX-License-Identifier: Apache-2.0

package clamav

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"

	"github.com/sekisho/sekisho/internal/message"
)

// reason says in plain words why clamd gave no answer, without what differs
// from run to run.
func reason(err error) error {
	var ne net.Error
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		return message.New("it took too long (--clamd-timeout)")
	case errors.Is(err, fs.ErrNotExist):
		return message.New("there is no such socket")
	case errors.Is(err, syscall.ECONNREFUSED):
		return message.New("nobody listens there")
	case errors.Is(err, fs.ErrPermission):
		return message.New("this user may not connect to it")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNRESET), errors.Is(err, net.ErrClosed):
		return message.New("the connection was lost")
	}
	return err
}

// Reason of an error of Open, in plain words.
func Reason(err error) string { return fmt.Sprint(reason(err)) }
