// The product of a matrix and a vector.

/** Multiplies a square row-major matrix by a vector. */
export function times(matrix: Float32Array, vector: ArrayLike<number>): Float64Array {
  const size = vector.length, product = new Float64Array(size);
  for (let i = 0, k = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++, k++) sum += matrix[k]! * vector[j]!;
    product[i] = sum;
  }
  return product;
}
