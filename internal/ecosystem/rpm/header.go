// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// The tags that count here.
const (
	tagName            = 1000
	tagVersion         = 1001
	tagRelease         = 1002
	tagEpoch           = 1003
	tagVendor          = 1011
	tagLicense         = 1014
	tagArch            = 1022
	tagOldFilenames    = 1027
	tagSourceRPM       = 1044
	tagProvideName     = 1047
	tagRequireName     = 1049
	tagDirIndexes      = 1116
	tagBasenames       = 1117
	tagDirNames        = 1118
	tagRecommendName   = 5046
	tagSuggestName     = 5049
	tagSupplementName  = 5052
	tagEnhanceName     = 5055
	tagModularityLabel = 5096
)

var counted = [...]uint32{
	tagName, tagVersion, tagRelease, tagEpoch, tagVendor, tagLicense, tagArch, tagOldFilenames, tagSourceRPM,
	tagDirIndexes, tagBasenames, tagDirNames, tagModularityLabel,
	tagProvideName, tagRequireName, tagRecommendName, tagSuggestName, tagSupplementName, tagEnhanceName,
}

// The types of an entry's data.
const (
	typeInt32       = 4
	typeString      = 6
	typeStringArray = 8
	typeI18NString  = 9
)

const (
	entrySize = 16
	// maxPath is Linux's PATH_MAX: without it a header of long directories with
	// many files would cost the product of the two.
	maxPath = 4096
)

// header is the part of a header that is a package: each value still in the
// blob that it was read from.
type header struct {
	name, version, release, vendor, license, arch, source, modularity []byte
	epoch                                                             uint32
	hasEpoch                                                          bool
	basenames, dirNames, oldNames                                     stringArray
	dirIndexes                                                        []byte // big endian uint32
	provides, requires, recommends, suggests, supplements, enhances   stringArray
}

// stringArray is count strings, each ended by a zero byte.
type stringArray struct {
	data  []byte
	count uint32
}

// parseHeader reads a header as the database stores it: the number of entries
// and of data bytes (big endian), the entries (tag, type, offset, count), the
// data. A value that points outside is an error.
func parseHeader(b []byte) (*header, error) {
	if len(b) < 8 {
		return nil, errors.New("the header is cut off")
	}
	entries, size := int64(binary.BigEndian.Uint32(b)), int64(binary.BigEndian.Uint32(b[4:]))
	if 8+entries*entrySize+size > int64(len(b)) {
		return nil, fmt.Errorf("the header claims %d entries and %d bytes but has %d", entries, size, len(b))
	}
	index, data := b[8:8+entries*entrySize], b[8+entries*entrySize:8+entries*entrySize+size]
	var h header
	var seen uint32 // by place in counted: a tag that is repeated says nothing new
	for ; len(index) >= entrySize; index = index[entrySize:] {
		e := entry{
			tag: binary.BigEndian.Uint32(index), kind: binary.BigEndian.Uint32(index[4:]),
			offset: binary.BigEndian.Uint32(index[8:]), count: binary.BigEndian.Uint32(index[12:]),
		}
		i := slices.Index(counted[:], e.tag)
		if i < 0 || seen&(1<<i) != 0 {
			continue
		}
		seen |= 1 << i
		if err := h.set(e, data); err != nil {
			return nil, fmt.Errorf("tag %d: %w", e.tag, err)
		}
	}
	return &h, nil
}

type entry struct{ tag, kind, offset, count uint32 }

func (h *header) set(e entry, data []byte) (err error) {
	switch e.tag {
	case tagName:
		h.name, err = e.str(data)
	case tagVersion:
		h.version, err = e.str(data)
	case tagRelease:
		h.release, err = e.str(data)
	case tagVendor:
		h.vendor, err = e.str(data)
	case tagLicense:
		h.license, err = e.str(data)
	case tagArch:
		h.arch, err = e.str(data)
	case tagSourceRPM:
		h.source, err = e.str(data)
	case tagModularityLabel:
		h.modularity, err = e.str(data)
	case tagEpoch:
		var v []byte
		if v, err = e.int32s(data); err == nil && len(v) >= 4 {
			h.epoch, h.hasEpoch = binary.BigEndian.Uint32(v), true
		}
	case tagDirIndexes:
		h.dirIndexes, err = e.int32s(data)
	case tagBasenames:
		h.basenames, err = e.strings(data)
	case tagDirNames:
		h.dirNames, err = e.strings(data)
	case tagOldFilenames:
		h.oldNames, err = e.strings(data)
	case tagProvideName:
		h.provides, err = e.strings(data)
	case tagRequireName:
		h.requires, err = e.strings(data)
	case tagRecommendName:
		h.recommends, err = e.strings(data)
	case tagSuggestName:
		h.suggests, err = e.strings(data)
	case tagSupplementName:
		h.supplements, err = e.strings(data)
	case tagEnhanceName:
		h.enhances, err = e.strings(data)
	}
	return err
}

var errOutside = errors.New("its data lies outside of the header")

// str is the (first) string of the entry.
func (e entry) str(data []byte) ([]byte, error) {
	if e.kind != typeString && e.kind != typeI18NString && e.kind != typeStringArray {
		return nil, fmt.Errorf("type %d is no string", e.kind)
	}
	if int64(e.offset) > int64(len(data)) {
		return nil, errOutside
	}
	data = data[e.offset:]
	end := bytes.IndexByte(data, 0)
	if end < 0 {
		return nil, errOutside
	}
	return data[:end], nil
}

func (e entry) strings(data []byte) (stringArray, error) {
	if e.kind != typeStringArray && e.kind != typeString {
		return stringArray{}, fmt.Errorf("type %d is no list of strings", e.kind)
	}
	// Each string has its zero byte at least.
	if int64(e.offset)+int64(e.count) > int64(len(data)) {
		return stringArray{}, errOutside
	}
	return stringArray{data[e.offset:], e.count}, nil
}

func (e entry) int32s(data []byte) ([]byte, error) {
	if e.kind != typeInt32 {
		return nil, fmt.Errorf("type %d is no 32 bit number", e.kind)
	}
	if int64(e.offset)+4*int64(e.count) > int64(len(data)) {
		return nil, errOutside
	}
	return data[e.offset : int64(e.offset)+4*int64(e.count)], nil
}

// next cuts the first string off; false when there is none left.
func (a *stringArray) next() ([]byte, bool) {
	if a.count == 0 {
		return nil, false
	}
	end := bytes.IndexByte(a.data, 0)
	if end < 0 {
		return nil, false
	}
	s := a.data[:end]
	a.data, a.count = a.data[end+1:], a.count-1
	return s, true
}

// pkg states the package. The version is "epoch:version-release", without the
// epoch where it is 0 or absent (rpm treats both alike). SourceName and
// SourceVersion come from the name of the source rpm, which does not tell an
// epoch: a binary package without one of its own in the spec file carries its
// source's, so the binary's is put before it.
func (h *header) pkg() (sekisho.Package, error) {
	if len(h.name) == 0 || len(h.version) == 0 {
		return sekisho.Package{}, errors.New("the header has no name or no version")
	}
	p := sekisho.Package{
		Ecosystem:  sekisho.EcosystemRPM,
		Name:       text(h.name),
		Version:    evr(h.epoch, text(h.version), text(h.release)),
		Arch:       text(h.arch),
		Vendor:     present(text(h.vendor)),
		Modularity: present(text(h.modularity)),
	}
	if l := present(text(h.license)); l != "" {
		p.Licenses = []string{l}
	}
	p.SourceName, p.SourceVersion = sourceOf(text(h.source), h.epoch)
	if p.SourceName == "" {
		p.SourceName, p.SourceVersion = p.Name, p.Version
	}
	return p, nil
}

func text(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }

// present is empty for the word that rpm prints where it has nothing.
func present(s string) string {
	if s == "(none)" {
		return ""
	}
	return s
}

// evr writes a version the way the room's packages have it.
func evr(epoch uint32, version, release string) string {
	if release != "" {
		version += "-" + release
	}
	if epoch > 0 {
		version = strconv.FormatUint(uint64(epoch), 10) + ":" + version
	}
	return version
}

// sourceOf reads "bash-5.1.8-9.el9.src.rpm"; the name is empty when it is not
// of that form.
func sourceOf(file string, epoch uint32) (name, version string) {
	file, ok := strings.CutSuffix(file, ".rpm")
	if !ok {
		return "", ""
	}
	if i := strings.LastIndexByte(file, '.'); i >= 0 { // .src or .nosrc
		file = file[:i]
	}
	i := strings.LastIndexByte(file, '-')
	if i <= 0 {
		return "", ""
	}
	j := strings.LastIndexByte(file[:i], '-')
	if j <= 0 {
		return "", ""
	}
	return file[:j], evr(epoch, file[j+1:i], file[i+1:])
}

// files is the set of paths that the package installed (or claims, in the case
// of ghosts). Beside an error it holds those that could be read.
func (h *header) files() (sekisho.PathSet, error) {
	if h.basenames.count == 0 {
		return h.oldFiles()
	}
	dirs := make([][]byte, 0, min(h.dirNames.count, 1<<16))
	for names := h.dirNames; ; {
		d, ok := names.next()
		if !ok {
			break
		}
		dirs = append(dirs, d)
	}
	set := make(sekisho.PathSet, 0, h.basenames.count)
	var err error
	var path []byte
	index := h.dirIndexes
	for names := h.basenames; ; index = index[4:] {
		base, ok := names.next()
		if !ok {
			break
		}
		if len(index) < 4 || int64(binary.BigEndian.Uint32(index)) >= int64(len(dirs)) {
			err = errors.New("a file is in no directory")
			break
		}
		dir := dirs[binary.BigEndian.Uint32(index)]
		if len(dir)+len(base) > maxPath {
			err = fmt.Errorf("a path has %d bytes", len(dir)+len(base))
			continue
		}
		path = append(append(path[:0], dir...), base...)
		set = append(set, sekisho.HashPath(string(path)))
	}
	return set.Sorted(), err
}

// oldFiles reads the whole paths that packages before rpm 4 carry.
func (h *header) oldFiles() (sekisho.PathSet, error) {
	if h.oldNames.count == 0 {
		return nil, nil
	}
	set := make(sekisho.PathSet, 0, h.oldNames.count)
	for names := h.oldNames; ; {
		p, ok := names.next()
		if !ok {
			break
		}
		set = append(set, sekisho.HashPath(string(p)))
	}
	return set.Sorted(), nil
}
