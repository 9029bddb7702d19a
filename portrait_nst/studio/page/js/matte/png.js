// PNG files of exact values. A canvas keeps colours multiplied by their alpha and would lose soft ones; so the file is written here.

const KINDS = { 1: 0, 4: 6 }; // channels -> PNG's colour type

/** A PNG of `width` by `height` pixels with 8 bits in each of 1 (grey) or 4 (RGBA) channels; a Blob. */
export async function png(bytes, width, height, channels) {
  const line = width * channels;
  const raw = new Uint8Array((line + 1) * height); // each line after the number of its filter, 0
  for (let row = 0; row < height; row += 1) raw.set(bytes.subarray(row * line, (row + 1) * line), row * (line + 1) + 1);
  const packed = await new Response(new Blob([raw]).stream().pipeThrough(new CompressionStream("deflate"))).arrayBuffer();
  const head = new DataView(new ArrayBuffer(13));
  head.setUint32(0, width);
  head.setUint32(4, height);
  head.setUint8(8, 8);
  head.setUint8(9, KINDS[channels]);
  return new Blob([new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", new Uint8Array(head.buffer)),
    chunk("IDAT", new Uint8Array(packed)), chunk("IEND", new Uint8Array())], { type: "image/png" });
}

function chunk(name, data) {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let place = 0; place < 4; place += 1) bytes[4 + place] = name.charCodeAt(place);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, start) => {
  let value = start;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
