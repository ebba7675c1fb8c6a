/** The options of all commands by their long names; each command takes some of them. */
export interface CommandOptions {
  ignoreMissing?: boolean;
  prefixMode?: boolean;
  read?: boolean;
  write?: boolean;
  recursive?: boolean;
  warnMissing?: boolean;
  replicas?: string;
  forceon?: string[];
  update?: boolean;
  size?: string;
  maxRecordSize?: string;
  reader?: string;
  raw?: boolean;
  tarballs?: boolean;
  compress?: boolean;
  include?: string[];
  exclude?: string[];
  dryRun?: boolean;
  resume?: boolean;
  bytes?: boolean;
  ignoreCase?: boolean;
  fixedStrings?: boolean;
  invert?: boolean;
  count?: boolean;
  repair?: boolean;
  unconditional?: boolean;
  all?: boolean;
  start?: boolean;
  checksum?: boolean;
  blobs?: boolean;
  fromStart?: boolean;
  every?: string;
  jobs?: string;
  port?: string;
  host?: string;
  name?: string;
  nodes?: string;
  keepGoing?: boolean;
  cors?: string[];
  adminTokenFile?: string;
  orphanAge?: string;
  tlsCert?: string;
  tlsKey?: string;
  log?: string;
  allowedHost?: string[];
  redirect?: boolean;
  ui?: boolean;
  s3?: boolean;
  s3Port?: string;
}

/** The options that stand before or after any command. */
export interface CommonOptions {
  master?: string;
  token?: string;
  tokenFile?: string;
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
}
