package main

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What was made is read before it is kept where some of it is secret or a file, and some things can be read by
// more than their id only: an object by its bucket. One that is not found so is forgotten, and made again.
func TestWhatAKilledRunMadeIsReadByMoreThanItsID(t *testing.T) {
	at := newPlace(t, func(ctx *pulumi.Context) error {
		bucket, err := declare(ctx, "aws:s3/bucketV2:BucketV2", "releases", pulumi.Map{"forceDestroy": pulumi.Bool(true)})
		if err != nil {
			return err
		}
		_, err = declare(ctx, "aws:s3/bucketObjectv2:BucketObjectv2", "web", pulumi.Map{
			"bucket": bucket.ID(), "key": pulumi.String("web"), "source": pulumi.NewStringAsset("#!/bin/sh\n"),
		})
		return err
	})
	for kills := range 2 {
		code, out := at.give("up", "--fault", "kill:engine:1")
		require.NotZero(t, code, out)
		require.Contains(t, out, "killed", "kill %d", kills)
	}
	code, out := at.give("up")
	require.Zero(t, code, out)
	assert.Contains(t, out, "settled 1 operations that a killed run had left open; of these, 1 had made a resource, which is kept")
	assert.Contains(t, out, "local: nothing to change: 2 resources as declared")
	code, out = at.give("twin", "events", "--operation", "create", "--changes")
	require.Zero(t, code, out)
	assert.Equal(t, 1, strings.Count(out, "aws:s3/bucketObjectv2"), out)
}
