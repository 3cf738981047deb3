package userdata

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Unpack returns user data as a server reads it: decoded from base64 and from gzip. Parts that are themselves
// encoded, as in cloud-init's write_files, are decoded and appended.
func Unpack(data string) string {
	var all strings.Builder
	unpack(data, 0, &all)
	return all.String()
}

// content matches what precedes the encoded content of a file in a cloud-config.
var content = regexp.MustCompile(`^\s*(?:.*content["']?:\s*(?:!!binary\s+)?["']?)?$`)

// contents decodes parts that may be too short to be recognised elsewhere: values of the key content, and lines that
// consist of nothing else, provided that they are readable once decoded.
func contents(data string) []string {
	return encodedRuns(data, 8, 39, func(from, to int) bool {
		line := max(strings.LastIndexByte(data[:from], '\n')+1, from-256)
		end, _, _ := strings.Cut(data[to:min(len(data), to+64)], "\n")
		if strings.Trim(end, "\"', \t\r") != "" || !content.MatchString(data[line:from]) {
			return false
		}
		raw, err := base64.StdEncoding.DecodeString(data[from:to])
		return err == nil && (bytes.HasPrefix(raw, []byte(magic)) || isReadable(raw))
	})
}

func isReadable(raw []byte) bool {
	return utf8.Valid(raw) && !bytes.ContainsFunc(raw, func(c rune) bool { return c < ' ' && c != '\n' && c != '\t' && c != '\r' })
}

func unpack(data string, depth int, into *strings.Builder) {
	into.WriteString(data)
	into.WriteByte('\n')
	if depth > 4 {
		return
	}
	if raw, ok := decodes(data); ok {
		unpack(string(raw), depth+1, into)
		return
	}
	if strings.HasPrefix(data, magic) {
		if raw, ok := gunzip(data, 1<<20); ok {
			unpack(raw, depth+1, into)
		}
		return
	}
	for _, part := range append(encodedRuns(data, 40, len(data), func(int, int) bool { return true }), contents(data)...) {
		if raw, err := base64.StdEncoding.DecodeString(part); err == nil {
			unpack(string(raw), depth+1, into)
		}
	}
}

// magic begins what gzip has packed (RFC 1952).
const magic = "\x1f\x8b"

// gunzip returns at most limit bytes of what was packed; ok is false if the text is not gzip's.
func gunzip(text string, limit int64) (plain string, ok bool) {
	reader, err := gzip.NewReader(strings.NewReader(text))
	if err != nil {
		return "", false
	}
	raw, _ := io.ReadAll(io.LimitReader(reader, limit))
	return string(raw), true
}

// encodedRuns decodes the runs of base64 whose length is within the bounds, with their padding.
func encodedRuns(text string, least, most int, counts func(from, to int) bool) []string {
	var all []string
	for from := 0; from < len(text); from++ {
		to := from
		for to < len(text) && base64Digit[text[to]] {
			to++
		}
		if n := to - from; n >= least && n <= most {
			padded := to
			for padded < len(text) && padded < to+2 && text[padded] == '=' {
				padded++
			}
			if counts(from, padded) {
				all = append(all, text[from:padded])
			}
		}
		from = max(from, to)
	}
	return all
}

var base64Digit = func() (digits [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		digits[c] = true
	}
	return digits
}()

// decodes returns what the text stands for, if all of it is base64.
func decodes(text string) ([]byte, bool) {
	for _, c := range []byte(text) {
		if !base64Digit[c] && c != '=' && c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\v' && c != '\f' {
			return nil, false
		}
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	return raw, err == nil && len(raw) > 0
}
