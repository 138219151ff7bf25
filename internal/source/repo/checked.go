// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the names of git's objects are made by it
	"crypto/sha256"
	"hash"
	"io"
	"strconv"
)

// checkedReader gives the bytes of an object and compares them with its name: the
// last ones are held back where they do not agree. It is there for damage and for
// an index that points elsewhere; who can forge SHA-1 is not stopped by it.
type checkedReader struct {
	io.ReadCloser

	name []byte
	sum  hash.Hash
	left int64
}

// checked wraps what was opened.
func checked(name []byte, kind int, size int64, rc io.ReadCloser, err error) (int, int64, io.ReadCloser, error) {
	if err != nil {
		return kind, size, rc, err
	}
	c := &checkedReader{ReadCloser: rc, name: name, sum: sha1.New(), left: size} //nolint:gosec // as above
	if len(name) == sha256.Size {
		c.sum = sha256.New()
	}
	for word, k := range kindNames {
		if k == kind {
			c.sum.Write([]byte(word + " " + strconv.FormatInt(size, 10) + "\x00"))
		}
	}
	if size == 0 && !c.agrees() {
		return 0, 0, nil, closing(rc, errObject)
	}
	return kind, size, c, nil
}

// closing closes what is given up; the first error is the one to tell.
func closing(c io.Closer, err error) error {
	_ = c.Close()
	return err
}

func (c *checkedReader) agrees() bool { return bytes.Equal(c.sum.Sum(nil), c.name) }

func (c *checkedReader) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if n > 0 {
		c.sum.Write(p[:n])
		if c.left -= int64(n); c.left <= 0 && !c.agrees() {
			return 0, errObject
		}
	}
	return n, err
}
