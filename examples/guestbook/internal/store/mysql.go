package store

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/causeway-iac/causeway/examples/guestbook/internal/secret"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/settings"
)

var mySQL = dialect{
	connect: connectMySQL,
	create: `CREATE TABLE IF NOT EXISTS guestbook_entry (
			id      bigint AUTO_INCREMENT PRIMARY KEY,
			name    varchar(60) NOT NULL,
			message varchar(500) NOT NULL,
			created datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
		) CHARACTER SET utf8mb4`,
	insert: "INSERT INTO guestbook_entry (name, message) VALUES (?, ?)",
	once: onceStatements{
		lock: "SELECT GET_LOCK('causeway_once', 2)", // no statement may wait longer than ReadTimeout
		table: "CREATE TABLE IF NOT EXISTS causeway_once (name varchar(200) PRIMARY KEY, " +
			"done datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6))",
		done:   "SELECT count(*) FROM causeway_once WHERE name = ?",
		record: "INSERT INTO causeway_once (name) VALUES (?)",
	},
	isDenied: func(err error) bool {
		var e *mysql.MySQLError
		return errors.As(err, &e) && e.Number == 1045 // ER_ACCESS_DENIED_ERROR
	},
	isAnswer: func(err error) bool {
		var e *mysql.MySQLError
		// ER_SERVER_SHUTDOWN; ER_OPTION_PREVENTS_STATEMENT, of a standby that is read only.
		return errors.As(err, &e) && e.Number != 1053 && e.Number != 1290
	},
}

func connectMySQL(ctx context.Context, d settings.Database, verified *tls.Config, as secret.Credentials) (driver.Conn, error) {
	config := mysql.NewConfig()
	config.Net = "tcp"
	config.Addr = net.JoinHostPort(d.Host, strconv.Itoa(d.Port))
	config.DBName = d.Name
	config.User, config.Passwd = as.Username, as.Password
	config.TLS = verified
	config.ParseTime = true // into UTC, the driver's default location
	config.Params = map[string]string{"time_zone": "'+00:00'"}
	config.Timeout, config.ReadTimeout, config.WriteTimeout = 3*time.Second, 5*time.Second, 5*time.Second
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("configuring MySQL: %w", err)
	}
	return connector.Connect(ctx)
}
