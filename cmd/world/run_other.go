//go:build !linux

package main

import "errors"

func run([]string) error { return errors.New("the living world needs Linux") }
