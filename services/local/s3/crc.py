"""CRC32C and CRC64NVME, and the CRC of a whole from those of its pieces, in NumPy: plain Python takes seconds a batch.

No library that SageDeck has knows them. A CRC is linear over GF(2), so many stretches of a body can be computed at
once and then joined. Imported only when it is needed: NumPy takes a moment.
Source: RFC 3720, section 12.1 (CRC32C); NVM Express, NVM command set (CRC64NVME).
"""

from functools import cache

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]

_POLYNOMIALS = {"crc32": 0xEDB88320, "crc32c": 0x82F63B78, "crc64nvme": 0x9A6C9329AC4BC9B5}  # reflected
_WIDTH = 256  # pairs of bytes in a stretch
_POWERS = 50  # lengths go to 2 ** 50 bytes
_BYTE, _PAIR = np.uint64(0xFF), np.uint64(0xFFFF)


class Polynomial:
    """A reflected CRC whose register begins and ends inverted; checksums are whole numbers of `size` bytes."""

    def __init__(self, polynomial: int, size: int) -> None:
        self.size, self._ones = size, (1 << 8 * size) - 1
        table = np.arange(256, dtype=np.uint64)
        for _ in range(8):
            table = (table >> np.uint64(1)) ^ ((table & np.uint64(1)) * np.uint64(polynomial))
        self._pairs = np.arange(1 << 16, dtype=np.uint64)
        for _ in range(2):
            self._pairs = table[self._pairs & _BYTE] ^ (self._pairs >> np.uint64(8))
        registers = np.arange(256, dtype=np.uint64) << (np.arange(size, dtype=np.uint64)[:, None] * np.uint64(8))
        # Element k tells what 2 ** k zero bytes make of a register: (size, 256), by each of its bytes.
        self._zeros: list[Words] = [table[registers & _BYTE] ^ (registers >> np.uint64(8))]
        for power in range(_POWERS):
            self._zeros.append(self._after_zeros(power, self._zeros[power]))

    def of(self, data: bytes) -> int:
        """The checksum of `data`."""
        return self.joined(self._ones, self._plain(data) ^ self._ones, len(data))

    def joined(self, first: int, second: int, length: int) -> int:
        """The checksum of two pieces, one after the other, from those of each; `length` is the second's, in bytes."""
        registers = np.array([first], np.uint64)
        for power in range(length.bit_length()):
            if length >> power & 1:
                registers = self._after_zeros(power, registers)
        return int(registers[0]) ^ second

    def _plain(self, data: bytes) -> int:
        """The register after `data` if it begins with zero, which leading zero bytes leave as it is."""
        stretches = 1 << max(0, (len(data) - 1) // (2 * _WIDTH)).bit_length()
        padded = np.zeros(stretches * 2 * _WIDTH, np.uint8)
        padded[len(padded) - len(data) :] = np.frombuffer(data, np.uint8)
        pairs = np.ascontiguousarray(padded.view("<u2").reshape(stretches, _WIDTH).T)
        registers: Words = np.zeros(stretches, np.uint64)
        for column in pairs:
            registers = self._pairs[(registers ^ column) & _PAIR] ^ (registers >> np.uint64(16))
        power = (2 * _WIDTH).bit_length() - 1
        while len(registers) > 1:
            registers = self._after_zeros(power, registers[0::2]) ^ registers[1::2]
            power += 1
        return int(registers[0])

    def _after_zeros(self, power: int, registers: Words) -> Words:
        result = np.zeros_like(registers)
        for position, table in enumerate(self._zeros[power]):
            result ^= table[registers >> np.uint64(8 * position) & _BYTE]
        return result


@cache
def polynomial(name: str) -> Polynomial:
    """The CRC called "crc32", "crc32c" or "crc64nvme"."""
    return Polynomial(_POLYNOMIALS[name], 8 if name == "crc64nvme" else 4)
