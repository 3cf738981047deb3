// Package rdsca holds the certificate authorities that sign the certificates of Amazon RDS databases.
package rdsca

import (
	"crypto/x509"
	_ "embed"
	"fmt"
	"os"
)

//go:embed rds-bundle.pem
var bundle []byte

// Pool is the set of authorities a database's certificate is verified against: the ones of Amazon RDS,
// or, when path is not empty, those of that PEM file and no others.
func Pool(path string) (*x509.CertPool, error) {
	pem := bundle
	if path != "" {
		var err error
		if pem, err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("reading the database's certificate authorities: %w", err)
		}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no PEM certificate", path)
	}
	return pool, nil
}
