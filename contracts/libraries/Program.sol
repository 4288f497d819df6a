// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ISettlement, Order, WinCert} from "../interfaces/ISettlement.sol";
import {Words} from "./Words.sol";

/// @notice How far the call has been read, in bytes.
struct Cursor {
    uint256 offset;
}

/// @title Program
/// @notice Reads the packed call, big-endian and without padding: to its last byte or not at all.
/// @dev Reading beyond the end gives zeros; `requireEnd` then refuses the whole, so nothing that zeros did remains.
/// `solver/settle/program.ts` writes what this reads.
library Program {
    /// @dev `amountIn` of a verb that means all that is left.
    uint256 internal constant ALL = type(uint128).max;

    uint16 private constant RECEIVER = 1;
    uint16 private constant AUCTIONEER = 2;

    /// @dev The next `count` bytes as a number, for `count` from 1 to 32.
    function read(Cursor memory cursor, uint256 count) internal pure returns (uint256 value) {
        value = Words.callWord(cursor.offset) >> (256 - 8 * count);
        cursor.offset += count;
    }

    /// @dev The next 20 bytes.
    function readAddress(Cursor memory cursor) internal pure returns (address) {
        return address(uint160(read(cursor, 20)));
    }

    /// @dev Bytes after their own number, which takes two.
    function readBytes(Cursor memory cursor) internal pure returns (bytes calldata data) {
        uint256 length = read(cursor, 2);
        uint256 start = cursor.offset;
        cursor.offset = start + length;
        if (cursor.offset > msg.data.length) revert ISettlement.BadLength(msg.data.length, cursor.offset);
        return msg.data[start:cursor.offset];
    }

    /// @dev An order: 133 bytes, and 20 each for receiver and auctioneer when its flags give them. Every field is cut to
    /// its width by the count of bytes read, so no cast loses anything.
    function readOrder(Cursor memory cursor) internal pure returns (Order memory order) {
        order.owner = readAddress(cursor);
        order.sellToken = IERC20(readAddress(cursor));
        order.buyToken = IERC20(readAddress(cursor));
        order.amount = uint128(read(cursor, 16));
        order.limitStart = uint128(read(cursor, 16));
        order.limitEnd = uint128(read(cursor, 16));
        order.decayStart = uint40(read(cursor, 5));
        order.decayEnd = uint40(read(cursor, 5));
        order.validTo = uint40(read(cursor, 5));
        order.nonce = uint64(read(cursor, 8));
        order.flags = uint16(read(cursor, 2));
        order.receiver = order.flags & RECEIVER == 0 ? order.owner : readAddress(cursor);
        if (order.flags & AUCTIONEER != 0) order.auctioneer = readAddress(cursor);
    }

    /// @dev A certificate without its signature.
    function readCert(Cursor memory cursor) internal pure returns (WinCert memory cert) {
        cert.minOut = uint128(read(cursor, 16));
        cert.lastBlock = uint40(read(cursor, 5));
    }

    /// @dev Refuses a call that is longer or shorter than what was read of it.
    function requireEnd(Cursor memory cursor) internal pure {
        if (cursor.offset != msg.data.length) revert ISettlement.BadLength(msg.data.length, cursor.offset);
    }
}
