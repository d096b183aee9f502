// The interface as gRPC for Node knows it, made from the .proto at start.
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const protos = fileURLToPath(new URL('../../wire/src/main/proto', import.meta.url));
const definition = protoLoader.loadSync('carrick/v1/wire.proto', {
  includeDirs: [protos],
  keepCase: true,
  longs: Number,
  enums: String,
  oneofs: true,
});

/** A client of a service; host:port, without TLS. */
export function connect(target) {
  const { Carrick } = grpc.loadPackageDefinition(definition).carrick.v1;
  return new Carrick(target, grpc.credentials.createInsecure());
}
