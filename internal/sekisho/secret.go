// SPDX-License-Identifier: Apache-2.0

package sekisho

// SecretFact is a secret that was recognised in a file. It does not hold the
// value, and nothing from which the value could be had.
type SecretFact struct {
	// Detector that recognised it: "github-token".
	Detector string
	// Hash is a keyed hash of the value, in hex: equal values have equal hashes.
	Hash string
	// Excerpt is the beginning, four characters at most, and the length: "ghp_…[40]".
	Excerpt string
	// Level says what makes it sure: "form", "context", "structure", "checksum".
	Level string
	// Severity when it is not that of the detector: a key with a passphrase.
	Severity Severity
	// Note is a word about the place that makes it doubtful: "test".
	Note     string
	Location Location
	// Resource names the text of the image's configuration that holds it, see
	// [ImageConfig.Texts]; the location is then that within the text. Empty for
	// what was found in a file.
	Resource string
	// Past is where it was in the history of the repository; nil for what was
	// found in a file.
	Past *Past
}

// Sniffer is an Extractor that looks at the content of files as it passes by,
// without any of it being kept: big files cost no memory. It is asked of every
// regular file of every layer, whether somebody wants the file or not.
type Sniffer interface {
	Extractor
	// Sniff is asked once of a file; nil when it is of no interest. It does no
	// I/O. Head may be empty (files of directories) and is valid during the call.
	Sniff(f *File) SniffWriter
}

// ImageSniffer is a Sniffer that also looks through what an image says of itself.
type ImageSniffer interface {
	Sniffer
	// SniffImage looks through the texts of a configuration. Equal values have a
	// fact in each text.
	SniffImage(c *ImageConfig) []SecretFact
}

// ArchiveSniffer is a Sniffer that is also asked of the files within archives
// ("a.zip!/b/.env"); their size may not be known, and is then 1 MiB.
type ArchiveSniffer interface {
	Sniffer
	SniffsArchives()
}

// PastSniffer is a Sniffer that is also asked of what a repository's commits hold,
// see GitHistory: what it finds counts though no file holds it any more.
type PastSniffer interface {
	Sniffer
	SniffsPast()
}

// SniffWriter gets the content of one file, in order, from one goroutine.
type SniffWriter interface {
	// Write takes the next part, which is valid during the call only; last is
	// true with the final one. It returns false when it wants no more.
	Write(part []byte, last bool) (more bool)
	// Facts ends the file: called once, wherever the content ended. Locations
	// name the path and lines.
	Facts() Inventory
}

// Redactor is a Checker that takes secrets out of texts which reports repeat:
// the instructions and labels of an image.
type Redactor interface {
	Checker
	Redact(text string) string
}
