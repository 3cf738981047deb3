package world

var ec2Kinds = map[string]*kind{}
