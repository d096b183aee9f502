"""Decompresses what another program compressed, and compresses it again.

    blocks.py zstd|lz4|snappy|gzip|deflate HEX LENGTH   prints two lines of hexadecimal
"""
import gzip
import sys
import zlib


def compressor(name, length):
    if name == "gzip":
        return gzip.decompress, gzip.compress
    if name == "deflate":
        return zlib.decompress, zlib.compress
    if name == "zstd":
        import zstandard

        return (
            lambda data: zstandard.ZstdDecompressor().decompress(data, max_output_size=length),
            zstandard.ZstdCompressor().compress,
        )
    if name == "lz4":
        import lz4.block

        return (
            lambda data: lz4.block.decompress(data, uncompressed_size=length),
            lambda data: lz4.block.compress(data, store_size=False),
        )
    import cramjam

    return (
        lambda data: bytes(cramjam.snappy.decompress_raw(data)),
        lambda data: bytes(cramjam.snappy.compress_raw(data)),
    )


unpack, pack = compressor(sys.argv[1], int(sys.argv[3]))
plain = unpack(bytes.fromhex(sys.argv[2]))
print(plain.hex())
print(pack(plain).hex())
