package world

// balancerZones are the hosted zones of application and network load balancers (AWS, General
// Reference, "Elastic Load Balancing endpoints and quotas").
var balancerZones = map[string][2]string{
	"us-east-1": {"Z35SXDOTRQ7X7K", "Z26RNL4JYFTOTI"}, "us-east-2": {"Z3AADJGX6KTTL2", "ZLMOA37VPKANP"},
	"us-west-1": {"Z368ELLRRE2KJ0", "Z24FKFUX50B4VW"}, "us-west-2": {"Z1H1FL5HABSF5", "Z18D5FSROUN65G"},
	"ca-central-1": {"ZQSVJUPU6J1EY", "Z2EPGBW3API2WT"}, "sa-east-1": {"Z2P70J7HTTTPLU", "ZTK26PT1VY4CU"},
	"eu-central-1": {"Z215JYRZR1TBD5", "Z3F0SRJ5LGBH90"}, "eu-west-1": {"Z32O12XQLNTSW2", "Z2IFOLAFXWLO4F"},
	"eu-west-2": {"ZHURV8PSTC4K8", "ZD4D7Y8KGAS4G"}, "eu-west-3": {"Z3Q77PNBQS71R4", "Z1CMS0P5QUZ6D5"},
	"eu-north-1": {"Z23TAZ6LKFMNIO", "Z1UDT6IFJ4EJM"}, "eu-south-1": {"Z3ULH7SSC9OV64", "Z23146JA1KNAFP"},
	"ap-northeast-1": {"Z14GRHDCWA56QT", "Z31USIVHYNEOWT"}, "ap-northeast-2": {"ZWKZPGTI48KDX", "ZIBE1TIR4HY56"},
	"ap-northeast-3": {"Z5LXEXXYW11ES", "Z1GWIQ4HH19I5X"}, "ap-southeast-1": {"Z1LMS91P8CMLE5", "ZKVM4W9LS7TM"},
	"ap-southeast-2": {"Z1GM3OXH4ZPM65", "ZCT6FZBF4DROD"}, "ap-south-1": {"ZP97RAFLXTNZK", "ZVDDRBQ08TROA"},
	"ap-east-1": {"Z3DQVH9N71FHZ0", "Z12Y7K3UBGUAD1"}, "me-south-1": {"ZS929ML54UICD", "Z3QSRYVP46NYYV"},
	"af-south-1": {"Z268VQBMOI5EKX", "Z203XCE67M25HM"}, "il-central-1": {"Z09170902867EHPV2DABU", "Z0313266YDI6ZRHTGQY4"},
	"ca-west-1": {"Z06473681N0SF6OS049SD", "Z02754302KBB00W2LKWZ9"}, "mx-central-1": {"Z023552324OKD1BB28BH5", "Z02031231H3ID6HYJ9A7U"},
	"eu-central-2": {"Z06391101F2ZOEP8P5EB3", "Z02239872DOALSIDCX66S"}, "eu-south-2": {"Z0956581394HF5D5LXGAP", "Z1011216NVTVYADP1SSV"},
	"me-central-1": {"Z08230872XQRWHG2XF6I", "Z00282643NTTLPANJJG2P"}, "ap-south-2": {"Z0173938T07WNTVAEPZN", "Z0711778386UTO08407HT"},
	"ap-east-2": {"Z02789141MW7T1WBU19PO", "Z09176273OC2HWIAUNYW"}, "ap-southeast-3": {"Z08888821HLRG5A9ZRTER", "Z01971771FYVNCOVWJU1G"},
	"ap-southeast-4": {"Z09517862IB2WZLPXG76F", "Z01156963G8MIIL7X90IV"},
	"ap-southeast-5": {"Z06010284QMVVW7WO5J", "Z026317210H9ACVTRO6FB"},
	"ap-southeast-6": {"Z023301818UFJ50CIO0MV", "Z01392953RKV2Q3RBP0KU"},
	"ap-southeast-7": {"Z0390008CMBRTHFGWBCB", "Z054363131YWATEMWRG5L"},
	"us-gov-east-1":  {"Z166TLBEWOO7G0", "Z1ZSMQQ6Q24QQ8"}, "us-gov-west-1": {"Z33AYJ8TM3BH4J", "ZMG1MZ2THAWF1"},
	"cn-north-1": {"Z1GDH35T77C1KE", "Z3QFB96KMJ7ED6"}, "cn-northwest-1": {"ZM7IZAIOVVDZF", "ZQEIKTCZ8352D"},
}

func balancerZoneID(o *Object) string {
	zones := balancerZones[o.Region]
	if balancerFamily(o) == "net" {
		return zones[1]
	}
	return zones[0]
}

// elbAccounts are the accounts that deliver load balancers' logs in the older regions (AWS, ELB user guide, "Enable
// access logs for your Application Load Balancer").
var elbAccounts = map[string]string{
	"us-east-1": "127311923021", "us-east-2": "033677994240", "us-west-1": "027434742980", "us-west-2": "797873946194",
	"af-south-1": "098369216593", "ap-east-1": "754344448648", "ap-south-1": "718504428378", "ap-northeast-1": "582318560864",
	"ap-northeast-2": "600734575887", "ap-northeast-3": "383597477331", "ap-southeast-1": "114774131450",
	"ap-southeast-2": "783225319266",
	"ca-central-1":   "985666609251", "eu-central-1": "054676820928", "eu-west-1": "156460612806", "eu-west-2": "652711504416",
	"eu-west-3": "009996457667", "eu-south-1": "635631232127", "eu-north-1": "897822967062", "me-south-1": "076674570225",
	"sa-east-1":     "507241528517",
	"us-gov-west-1": "048591011584", "us-gov-east-1": "190560391635", "cn-north-1": "638102146993", "cn-northwest-1": "037604701340",
}
