// The picture codec, sharp, with its settings made once.
import sharp from "sharp";

// sharp would keep decoded files in memory and serve an old picture after its file has changed.
sharp.cache(false);

export { sharp };
