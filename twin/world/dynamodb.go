package world

import (
	"encoding/json"
	"slices"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeTable     = "aws:dynamodb/table:Table"
	typeTableItem = "aws:dynamodb/tableItem:TableItem"
)

// badTable is DynamoDB's code for a request that contradicts itself.
const badTable = "ValidationException"

var tableKinds = map[string]*kind{
	typeTable: {
		id:    byOutput("name"),
		arn:   "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
		taken: "ResourceInUseException",
		check: []rule{
			tableHasKey,
			tableAttributes,
			tableCapacity,
			tableStream,
			keyUsable("serverSideEncryption.kmsKeyArn", badTable),
		},
		fill: fillTable,
		remove: []rule{protected("deletionProtectionEnabled", badTable,
			"Resource %s cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")},
		removed: func(c *Call, o *Object) { c.dropUsers(o, use{typeTableItem, "tableName"}) },
	},
	typeTableItem: {
		id: func(_ *Call, o *Object) string {
			var item map[string]map[string]any
			_ = json.Unmarshal([]byte(o.Text("item")), &item) // itemWhole has read it
			return o.Text("tableName") + "|" + o.Text("hashKey") + "|" + value.Canonical(item[o.Text("hashKey")])
		},
		taken: "ConditionalCheckFailedException",
		check: []rule{
			refers("tableName", "ResourceNotFoundException", "Requested resource not found: %s", typeTable),
			itemWhole,
		},
	},
}

// tableHasKey: a table has a hash key, unless it is restored (DynamoDB API, CreateTable).
func tableHasKey(_ *Call, o *Object) error {
	if o.Text("hashKey") == "" && o.Text("restoreSourceName") == "" && o.Text("restoreSourceTableArn") == "" &&
		o.Outputs["importTable"] == nil {
		return fault(badTable, "One or more parameter values were invalid: Missing the hash key: set hashKey")
	}
	return nil
}

// tableAttributes: each attribute is a key of the table or of an index, and each key is an attribute (DynamoDB API,
// AttributeDefinition).
func tableAttributes(_ *Call, o *Object) error {
	var keys []string
	for _, path := range []string{"hashKey", "rangeKey", "globalSecondaryIndexes.hashKey", "globalSecondaryIndexes.rangeKey",
		"localSecondaryIndexes.rangeKey"} {
		keys = append(keys, at(o.Outputs, path)...)
	}
	attributes := at(o.Outputs, "attributes.name")
	for _, key := range keys {
		if !slices.Contains(attributes, key) && o.Text("hashKey") != "" {
			return fault(badTable, "One or more parameter values were invalid: Some index key attributes are not defined in "+
				"AttributeDefinitions. Keys: [%s], AttributeDefinitions: %v", key, attributes)
		}
	}
	for _, attribute := range attributes {
		if !slices.Contains(keys, attribute) {
			return fault(badTable,
				"One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number "+
					"of attributes defined in AttributeDefinitions: %s is in no key: leave it out of attributes", attribute)
		}
	}
	if len(o.Objects("localSecondaryIndexes")) > 0 && o.Text("rangeKey") == "" {
		return fault(badTable,
			"One or more parameter values were invalid: Table KeySchema does not have a range key, which is required when "+
				"specifying a LocalSecondaryIndex")
	}
	return nil
}

// tableCapacity: capacity is for provisioned tables (DynamoDB API, CreateTable).
func tableCapacity(_ *Call, o *Object) error {
	read, write := inputNumber(o, "readCapacity"), inputNumber(o, "writeCapacity")
	switch onDemand := o.Text("billingMode") == "PAY_PER_REQUEST"; {
	case onDemand && read+write > 0:
		return fault(badTable,
			"One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified "+
				"when BillingMode is PAY_PER_REQUEST")
	case !onDemand && (read < 1 || write < 1):
		return fault(badTable, "No provisioned throughput specified for the table: set readCapacity and writeCapacity, or billingMode: "+
			"PAY_PER_REQUEST")
	}
	return nil
}

// tableStream: a stream has a view type (DynamoDB API, StreamSpecification).
func tableStream(_ *Call, o *Object) error {
	if o.Flag("streamEnabled") && o.Text("streamViewType") == "" {
		return fault(badTable, "One or more parameter values were invalid: StreamViewType must be specified when StreamEnabled is true")
	}
	return nil
}

func fillTable(c *Call, o, _ *Object) {
	setDefaults(o, value.Map{"streamViewType": "", "streamLabel": "", "streamArn": "", "readCapacity": 0.0, "writeCapacity": 0.0})
	if o.Flag("streamEnabled") && o.Text("streamArn") == "" {
		label := c.Now.Format("2006-01-02T15:04:05.000")
		o.Outputs["streamLabel"], o.Outputs["streamArn"] = label, o.Text("arn")+"/stream/"+label
	}
}

// itemWhole: an item is JSON and has the table's key (DynamoDB API, PutItem).
func itemWhole(_ *Call, o *Object) error {
	var item map[string]map[string]any
	if err := json.Unmarshal([]byte(o.Text("item")), &item); err != nil {
		return fault(badTable, "The item is not JSON of attributes and their types: %v", err)
	}
	for _, key := range []string{o.Text("hashKey"), o.Text("rangeKey")} {
		if key != "" && item[key] == nil {
			return fault(badTable, "One or more of the required keys were not given a value: %s", key)
		}
	}
	return nil
}
